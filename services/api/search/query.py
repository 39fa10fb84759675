"""Turns what people type into an expression of FTS5, of whose syntax none can be typed."""

import re
from collections.abc import Iterator

from services.api.problems.errors import InvalidRequest
from services.api.search.tokenizer import spelled, stands_alone, words
from shared.domain.states import Status

SHORTEST_PREFIX = 3
"""Letters; all that begins alike is brought together at each query, and with two that is much."""

_PART = re.compile(r'"(?P<phrase>[^"]*)(?:"(?P<star>\*?)|$)|(?P<word>[^\s"]+)')


def expression(query: str, status: Status | None = None, owner: str | None = None) -> str:
    """Matches tasks that have every word, each phrase in ``"quotes"`` and each ``prefix*``.

    Only in this status, only this owner's. Raises InvalidRequest for a query without a word.
    """
    terms = list(_terms(query))
    if not terms:
        raise InvalidRequest([("q", "There is no word in it: give letters or digits.")])
    parts = [f"{{title prompt answer}} : ({' '.join(terms)})"]
    if status is not None:
        parts.append(f'status : "{status_word(status)}"')
    if owner is not None:
        parts.append(f'owner : "{owner_word(owner)}"')
    return " AND ".join(parts)


def status_word(status: Status) -> str:
    """The one word that stands for a status."""
    return status.value.replace("_", "")


def owner_word(owner: str | None) -> str:
    """The one word that stands for an owner, whatever is in the name; no word for none."""
    return (owner or "").encode().hex()


def _terms(query: str) -> Iterator[str]:
    for part in _PART.finditer(query):
        text, prefix = part["phrase"], bool(part["star"])
        if text is None:
            text = part["word"].rstrip("*")
            prefix = text != part["word"]
        text = spelled(text)
        found = words(text)
        if found:
            yield f'"{text}"{" *" if prefix and _is_prefix(found[-1]) else ""}'


def _is_prefix(word: str) -> bool:
    """Whether there can be longer words; a prefix that is too short is refused."""
    if stands_alone(word):
        return False
    if len(word) < SHORTEST_PREFIX:
        message = f"Give at least {SHORTEST_PREFIX} letters before the *, not only {word}."
        raise InvalidRequest([("q", message)])
    return True
