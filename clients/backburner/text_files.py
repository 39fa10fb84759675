"""Reads text that people wrote: files and standard input, in UTF-8 or with a byte order mark."""

import codecs
import sys
from pathlib import Path

from backburner import output

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that one's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class UnreadableText(ValueError):
    """A file that cannot be read as text; its message names it and the reason."""


def read_text(source: str) -> str:
    """Read a file, or standard input for ``-``. Raises UnreadableText."""
    try:
        data = _read_stdin() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise UnreadableText(f"{source}: {error.strerror}.") from None
    return decode(data, "Standard input" if source == "-" else source)


def decode(data: bytes, name: str) -> str:
    """Decode text without its byte order mark. Raises UnreadableText, which calls it ``name``."""
    mark, encoding = next(
        (each for each in _BYTE_ORDER_MARKS if data.startswith(each[0])), (b"", "utf-8")
    )
    try:
        text = data.removeprefix(mark).decode(encoding)
    except UnicodeDecodeError as error:
        place = f"byte {error.start + len(mark):,}"
        raise UnreadableText(f"{name} is not {encoding.upper()} text ({place}).") from None
    if "\0" in text:
        raise UnreadableText(f"{name} is not text: it contains a zero byte.")
    return text


def _read_stdin() -> bytes:
    if sys.stdin is None:
        raise UnreadableText("Standard input is closed.")
    if sys.stdin.isatty():
        output.report("Type the question. End it with Ctrl-D on a line of its own.")
    return sys.stdin.buffer.read()
