"""Reads what the model wrote: one text, its sources and their places in it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

MAX_CITATIONS = 1_000
MAX_URL_CHARS = 2_048
MAX_TITLE_CHARS = 500

_BETWEEN_MESSAGES = "\n\n"
_MARK = r"(?:\ue200[^\ue200\ue201]{0,1000}\ue201|【[^【】†\n]{0,100}†[^【】\n]{0,200}】)+"
_MARKS = re.compile(rf" ?{_MARK}(?=[\s.,;:!?)]|\Z)|{_MARK}|\ue200[^\s\ue200\ue201]{{0,1000}}\Z")
"""The model's own marks of its sources, which mean nothing to a reader; the last may be cut off.
A blank before punctuation goes with them."""

_TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|msclkid)(?:=|\Z)", re.IGNORECASE | re.ASCII)
"""Parameters of an address that tell who sent a reader, not what the page says."""

_COMPARED = 100
"""Citations that are compared to tell how offsets count."""

_ASTRAL = re.compile(r"[\U00010000-\U0010ffff]")
_WORD_CHAR = (
    r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\uabff\uf900-\ufaff\uff00-\uffef"
    r"\U00020000-\U0003ffff]"
)
_INSIDE_WORD = re.compile(rf"(?<={_WORD_CHAR}){_WORD_CHAR}{{1,100}}")
"""The rest of a word, in scripts that put blanks between words."""


class AnswerKind(StrEnum):
    """What the model answered with."""

    TEXT = "text"
    REFUSAL = "refusal"
    EMPTY = "empty"


def is_answer(kind: object) -> bool:
    """Whether a kind, as a record keeps it or None, is an answer that somebody can read."""
    return kind not in (None, AnswerKind.EMPTY)


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of the answer; the indexes count code points of the whole ``output_text``.

    Equal indexes are a place in the text, None where the provider names no place in it.
    """

    url: str
    title: str
    start_index: int | None
    end_index: int | None

    @property
    def page(self) -> str:
        """The address without tracking parameters: equal for citations of one page.

        The page's text/sources.js numbers the sources by the same rule.
        """
        rest, hash_mark, fragment = self.url.partition("#")
        address, _, query = rest.partition("?")
        kept = [each for each in query.split("&") if each and not _TRACKING.match(each)]
        return address + ("?" + "&".join(kept) if kept else "") + hash_mark + fragment


@dataclass(frozen=True, slots=True)
class Answer:
    """The text of all messages, its sources, and what kind of answer it is."""

    text: str
    citations: list[Citation]
    kind: AnswerKind


class _Part(NamedTuple):
    text: str
    annotations: list[dict[str, Any]]
    refusal: bool = False


class _Note(NamedTuple):
    url: str
    title: str
    start: object
    end: object


def read_answer(items: Sequence[dict[str, Any]]) -> Answer:
    """Read the items of ``output``. Messages are separated by a blank line."""
    texts: list[str] = []
    citations: list[Citation] = []
    refusals: set[bool] = set()
    length = 0
    for message in filter(None, map(_parts, items)):
        for number, part in enumerate(message):
            if texts and not number:
                texts.append(_BETWEEN_MESSAGES)
                length += len(_BETWEEN_MESSAGES)
            shown, placed = _placed(part.text, _notes(part.annotations))
            citations += [_moved(citation, length) for citation in placed]
            texts.append(shown)
            length += len(shown)
            refusals.add(part.refusal)
    return Answer("".join(texts), citations[:MAX_CITATIONS], _kind(refusals))


def _kind(refusals: set[bool]) -> AnswerKind:
    if not refusals:
        return AnswerKind.EMPTY
    return AnswerKind.TEXT if False in refusals else AnswerKind.REFUSAL


def _parts(item: dict[str, Any]) -> list[_Part]:
    """The parts of a message that hold text."""
    content = item.get("content") if item.get("type") == "message" else None
    parts = content if isinstance(content, list) else [content]
    return [part for part in map(_part, parts) if part]


def _part(part: object) -> _Part | None:
    if isinstance(part, str):
        return _Part(part, []) if part else None
    if not isinstance(part, dict):
        return None
    for name in ("text", "refusal"):
        text = part.get(name)
        if isinstance(text, str) and text:
            notes = part.get("annotations")
            return _Part(text, notes if isinstance(notes, list) else [], name == "refusal")
    return None


def _notes(annotations: Sequence[object]) -> list[_Note]:
    return [note for note in map(_note, annotations[:MAX_CITATIONS]) if note]


def _note(note: object) -> _Note | None:
    url = note.get("url") if isinstance(note, dict) else None
    if not (isinstance(note, dict) and isinstance(url, str) and 0 < len(url) <= MAX_URL_CHARS):
        return None
    title = note.get("title")
    named = title[:MAX_TITLE_CHARS] if isinstance(title, str) and title else url
    return _Note(url, named, note.get("start_index"), note.get("end_index"))


def _placed(text: str, notes: Sequence[_Note]) -> tuple[str, list[Citation]]:
    """The text without the model's marks, and the sources with their places in it."""
    marks = [match.span() for match in _MARKS.finditer(text)]
    shown = _MARKS.sub("", text) if marks else text
    to_code_point = _conversion(text, notes)
    starts = [start for start, _ in marks]
    gone = [0]
    for start, end in marks:
        gone.append(gone[-1] + end - start)

    def unmarked(offset: int) -> int:
        before = bisect_right(starts, offset)
        if before and offset < marks[before - 1][1]:
            return marks[before - 1][0] - gone[before - 1]
        return offset - gone[before]

    placed = []
    for note in notes:
        found = _range(note, text, to_code_point)
        if found is None:
            placed.append(Citation(note.url, note.title, None, None))
            continue
        start, end = map(unmarked, found)
        if start != end and (rest := _INSIDE_WORD.match(shown, end)):
            end = rest.end()
        placed.append(Citation(note.url, note.title, start, end))
    return shown, placed


def _range(note: _Note, text: str, convert: Callable[[int], int]) -> tuple[int, int] | None:
    if type(note.start) is not int or type(note.end) is not int:
        return None
    start, end = convert(note.start), convert(note.end)
    return (start, end) if 0 <= start < end <= len(text) else None


def _conversion(text: str, notes: Sequence[_Note]) -> Callable[[int], int]:
    """How the offsets count: in code points, or in UTF-16 units where these fit the text better."""
    astral = [at.start() + number for number, at in enumerate(_ASTRAL.finditer(text))]

    def from_utf16(offset: int) -> int:
        return offset - bisect_left(astral, offset)

    ways: list[Callable[[int], int]] = [int, from_utf16]
    if not astral:
        return int
    return max(ways, key=lambda way: sum(_fit(text, note, way) for note in notes[:_COMPARED]))


def _fit(text: str, note: _Note, convert: Callable[[int], int]) -> int:
    """How well a range fits: whole words, whole brackets, its own address."""
    found = _range(note, text, convert)
    if found is None:
        return 0
    start, end = found
    cited = text[start : min(end, start + MAX_URL_CHARS)]
    whole = [cited.count(opened) == cited.count(closed) for opened, closed in ("()", "[]")]
    edges = [_INSIDE_WORD.match(text, at) is None for at in found]
    return sum([True, cited == cited.strip(), note.url in cited, *whole, *edges])


def _moved(citation: Citation, by: int) -> Citation:
    if citation.start_index is None or citation.end_index is None:
        return citation
    start, end = citation.start_index + by, citation.end_index + by
    return Citation(citation.url, citation.title, start, end)
