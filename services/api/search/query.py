"""Turns a user's query into an FTS5 expression; user text never reaches FTS5 unquoted."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.api.problems.errors import InvalidRequest
from services.api.search.tokenizer import is_single_cjk, normalize, words
from shared.domain.states import Status

MIN_PREFIX_LETTERS = 3
"""FTS5 merges every word with the prefix at each query; two letters match too many."""

MAX_PREFIXES = 4

_PART = re.compile(r'"(?P<phrase>[^"]*)(?:"(?P<star>\*?)|$)|(?P<word>[^\s"]+)')


@dataclass(frozen=True, slots=True)
class Term:
    """A word, a phrase, or their prefix: what a text must have, normalised."""

    text: str
    words: Sequence[str]
    is_prefix: bool

    @property
    def quoted(self) -> str:
        """The term in FTS5's language."""
        return f'"{self.text}"{" *" if self.is_prefix else ""}'


def expression(query: str, status: Status | None = None, owner: str | None = None) -> str:
    """Match tasks that have every word, each phrase in ``"quotes"`` and each ``prefix*``.

    ``status`` and ``owner`` restrict the result. Raises InvalidRequest for a query without a word,
    or with too many prefixes.
    """
    terms = [*parse_terms(query)]
    if sum(term.is_prefix for term in terms) > MAX_PREFIXES:
        message = f"At most {MAX_PREFIXES} words may end with *. Write the others in full."
        raise InvalidRequest([("q", message)])
    if not terms:
        raise InvalidRequest([("q", "The query has no word. Enter letters or digits.")])
    parts = [f"{{title prompt answer}} : ({' '.join(term.quoted for term in terms)})"]
    if status is not None:
        parts.append(f'status : "{status_word(status)}"')
    if owner is not None:
        parts.append(f'owner : "{owner_word(owner)}"')
    return " AND ".join(parts)


def status_word(status: Status) -> str:
    """Return the word that is indexed for a status."""
    return status.value.replace("_", "")


def owner_word(owner: str | None) -> str:
    """Return the word that is indexed for an owner; empty for None."""
    return (owner or "").encode().hex()


def parse_terms(query: str) -> Iterator[Term]:
    """Yield the terms of a query. Raises InvalidRequest for a prefix that is too short."""
    for part in _PART.finditer(query):
        text, prefix = part["phrase"], bool(part["star"])
        if text is None:
            text = part["word"].rstrip("*")
            prefix = text != part["word"]
        text = normalize(text)
        found = words(text)
        if found:
            yield Term(text, found, prefix and _is_prefix(found[-1]))


def _is_prefix(word: str) -> bool:
    """Return whether longer words can begin with it. Raises InvalidRequest if it is too short."""
    if is_single_cjk(word):
        return False
    if len(word) < MIN_PREFIX_LETTERS:
        message = f"Enter at least {MIN_PREFIX_LETTERS} letters before the *, not only {word}."
        raise InvalidRequest([("q", message)])
    return True
