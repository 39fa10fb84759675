"""Cuts the piece of a text that shows why a query found it, with the words that matched."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from services.api.search.query import Term
from services.api.search.tokenizer import is_single_cjk

HEAD_CHARS = 8_192
"""How much of prompt and answer is looked through; a match below it gets no snippet."""

SNIPPET_CHARS = 180
_LEAD_CHARS = 32
"""Characters before the first match: a list has room for one line."""

_BLANKS = re.compile(r"\s+")
_MARKUP = re.compile(
    r"^ {0,3}(?:#{1,6}|>|[-*+]|\|?[-:| ]+\|?$)(?:\s|$)|\*{2,3}|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)"
    r"|`+|!?\[(?=[^\[\]]*\]\()|\]\(\S*?\)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a snippet as plain text."""

    text: str
    match: bool


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a prompt or of an answer."""

    field: Literal["prompt", "answer"]
    parts: Sequence[Part]


def head(text: str) -> str:
    """The beginning of a text on one line, without the marks of Markdown, for the index."""
    plain = _MARKUP.sub("", text[: 2 * HEAD_CHARS]).replace("|", " ")
    return _BLANKS.sub(" ", plain)[:HEAD_CHARS].strip()


class Highlighter:
    """Finds the words of one query in the beginnings of texts."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._pattern = re.compile("|".join(_expression(term) for term in terms))

    def snippet(self, prompt: str, answer: str) -> Snippet | None:
        """The first match in the answer, else in the prompt; None if neither has one."""
        parts = self._parts(answer)
        if parts:
            return Snippet("answer", parts)
        parts = self._parts(prompt)
        return Snippet("prompt", parts) if parts else None

    def _parts(self, text: str) -> Sequence[Part]:
        folded = _fold(text)
        first = self._pattern.search(folded)
        if first is None:
            return []
        start = _word_start(text, first.start() - _LEAD_CHARS)
        end = min(max(start + SNIPPET_CHARS, first.end()), start + 2 * SNIPPET_CHARS, len(text))
        return list(self._cut(text, folded, start, end))

    def _cut(self, text: str, folded: str, start: int, end: int) -> Iterator[Part]:
        lead, at = "…" if start > 0 else "", start
        for match in self._pattern.finditer(folded, start, end):
            if before := lead + text[at : match.start()]:
                yield Part(before, match=False)
            yield Part(text[match.start() : match.end()], match=True)
            lead, at = "", match.end()
        if rest := lead + text[at:end] + ("…" if end < len(text) else ""):
            yield Part(rest, match=False)


def _expression(term: Term) -> str:
    """Match the words of a term in folded text, whole, the last one as a prefix if it is one."""
    expression, spaced = "", True
    for word in term.words:
        before, spaced = spaced, not is_single_cjk(word)
        literal = re.escape(_fold(word))
        if expression:
            expression += (r"[\W_]+" if before and spaced else r"[\W_]*") + literal
        else:
            # The letter before is looked at last: an expression that begins with text is faster.
            expression = literal + (rf"(?<![^\W_]{literal})" if spaced else "")
    if term.is_prefix:
        return expression + r"[^\W_]*"
    return expression + (r"(?![^\W_])" if spaced else "")


def _word_start(text: str, at: int) -> int:
    """The next beginning of a word; 0 for the beginning of the text."""
    if at <= 0:
        return 0
    blank = text.find(" ", at, at + _LEAD_CHARS)
    return at if blank < 0 else blank + 1


class _Letters(dict[int, str]):
    """Each letter without case, width and accents; one for one, so that places stay."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        plain = unicodedata.normalize("NFKD", letter).casefold()
        folded = next((each for each in plain if not unicodedata.combining(each)), letter)
        if len(self) < _MAX_LETTERS:
            self[code] = folded
        return folded


_MAX_LETTERS = 20_000
_letters = _Letters()


def _fold(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_letters)
