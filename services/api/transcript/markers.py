"""Marker lines that divide a transcript, and the escaping of text that looks like one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from services.api.http.limits import MAX_MARKERS


class MarkerKind(StrEnum):
    """What a marker announces."""

    TASK = "task"
    DEVELOPER = "developer"
    USER = "user"
    ASSISTANT = "assistant"
    PART = "part"
    ANSWER = "answer"
    SOURCES = "sources"


# Only "\n" ends a line; every other line separator, also "\r", is text.
_LIKE = r"<!--[ \t]*backburner:"
_MARKER = re.compile(rf"^{_LIKE}([^\n]*)\n?", re.MULTILINE)
_KNOWN = re.compile(rf"[ \t]*({'|'.join(MarkerKind)})[ \t]*-->[ \t]*\r?")
_ESCAPABLE = re.compile(rf"^(?=\\*{_LIKE})", re.MULTILINE)
_ESCAPED = re.compile(rf"^\\(?=\\*{_LIKE})", re.MULTILINE)


@dataclass(eq=False)
class TranscriptError(ValueError):
    """An invalid line of a transcript, counted from 1, with advice."""

    line: int
    advice: str


@dataclass(frozen=True, slots=True)
class Block:
    """A marker, its line counted from 1, and the text up to the next marker."""

    kind: MarkerKind
    line: int
    text: str


def block(kind: MarkerKind, text: str) -> str:
    """Write a marker and its text, each followed by an empty line."""
    escaped = _ESCAPABLE.sub(r"\\", text)
    return f"<!-- backburner: {kind} -->\n\n{escaped}\n\n"


def blocks(document: str) -> tuple[str, Iterator[Block]]:
    """Return the text before the first marker, and the blocks, which raise TranscriptError.

    From each text one line end is removed at its start and two at its end. They are those of the
    marker line, since an editor may have converted all line ends.
    """
    surplus = next(islice(_MARKER.finditer(document), MAX_MARKERS, None), None)
    if surplus is not None:
        line = 1 + document.count("\n", 0, surplus.start())
        raise TranscriptError(line, f"There are more than {MAX_MARKERS:,} marker lines.")
    first = _MARKER.search(document)
    start = first.start() if first else len(document)
    return document[:start], _blocks(document, start)


def _blocks(document: str, start: int) -> Iterator[Block]:
    line = 1 + document.count("\n", 0, start)
    while marker := _MARKER.match(document, start):
        known = _KNOWN.fullmatch(marker[1])
        if known is None:
            raise TranscriptError(line, f"A marker is one of {', '.join(MarkerKind)}.")
        following = _MARKER.search(document, marker.end())
        end = following.start() if following else len(document)
        newline = "\r\n" if marker[1].endswith("\r") else "\n"
        text = document[marker.end() : end].removeprefix(newline)
        text = text.removesuffix(newline).removesuffix(newline)
        yield Block(MarkerKind(known[1]), line, _ESCAPED.sub("", text))
        line += document.count("\n", start, end)
        start = end
