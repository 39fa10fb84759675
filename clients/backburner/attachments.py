"""Puts text files into a question, each as a fenced block with its path.

The page writes the same form, so that a conversation reads alike wherever it was started.
"""

import glob
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from backburner.formatting import about_tokens
from backburner.text_files import UnreadableText, decode

MAX_FILE_BYTES = 1024 * 1024
"""About 262,000 tokens, which is what the model reads at most."""

MAX_TOTAL_BYTES = 4 * 1024 * 1024
"""As much as the server accepts in one request."""

_FENCES = re.compile(r"`{3,}")
_LANGUAGE = re.compile(r"[a-z0-9+#_-]{1,20}")
_UNQUOTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f`\ud800-\udfff]")


class AttachmentError(ValueError):
    """A file that cannot be attached, or a pattern without files; the message names it."""


@dataclass(frozen=True)
class Attachment:
    """A text file: its path with slashes, and its text with single line feeds at line ends."""

    path: str
    text: str

    @property
    def size_bytes(self) -> int:
        """Its size in UTF-8."""
        return len(self.text.encode())

    def block(self) -> str:
        """Return the path and the text in a fence that is longer than any in the text."""
        fence = "`" * max([3, *(len(found) + 1 for found in _FENCES.findall(self.text))])
        ending = PurePath(self.path).suffix.removeprefix(".").lower()
        language = ending if _LANGUAGE.fullmatch(ending) else ""
        end = "" if not self.text or self.text.endswith("\n") else "\n"
        return f"File: `{self.path}`\n\n{fence}{language}\n{self.text}{end}{fence}\n"


def attach(question: str, attachments: Sequence[Attachment]) -> str:
    """Return the question with the blocks of the files after it."""
    before = [f"{question.rstrip()}\n"] if question.strip() else []
    return "\n".join([*before, *(each.block() for each in attachments)])


def read_attachments(patterns: Sequence[str], root: Path | None = None) -> list[Attachment]:
    """Read the files that the paths and glob patterns name, each once; only those under ``root``.

    Raises AttachmentError.
    """
    found = dict.fromkeys(path for pattern in patterns for path in _find(pattern))
    total, attachments = 0, []
    for path in found:
        if root and not Path(path).resolve().is_relative_to(root.resolve()):
            raise AttachmentError(f"{path} is outside of {root}.")
        total += _size(path)
        if total > MAX_TOTAL_BYTES:
            raise AttachmentError(f"The files are too large: over {_mib(MAX_TOTAL_BYTES)} in all.")
        attachments.append(_read(path))
    return attachments


def _find(pattern: str) -> Iterator[str]:
    """Yield the paths in order; a file whose name looks like a pattern is that file."""
    if Path(pattern).exists():
        if Path(pattern).is_dir():
            raise AttachmentError(f"{pattern} is a directory: use {pattern.rstrip('/')}/**/*.")
        yield PurePath(pattern).as_posix()
        return
    found = glob.glob(pattern, recursive=True)  # noqa: PTH207 -- Path.glob refuses absolute ones
    paths = sorted(path for path in found if Path(path).is_file())
    if not paths:
        raise AttachmentError(f"{pattern}: no such file.")
    yield from (PurePath(path).as_posix() for path in paths)


def _size(path: str) -> int:
    try:
        size = Path(path).stat().st_size
    except OSError as error:
        raise AttachmentError(f"{path}: {error.strerror}.") from None
    if size > MAX_FILE_BYTES:
        limit = f"{_mib(MAX_FILE_BYTES)}, about {about_tokens(MAX_FILE_BYTES):,} tokens"
        raise AttachmentError(f"{path} is too large: {_mib(size)}; the limit is {limit}.")
    return size


def _read(path: str) -> Attachment:
    if _UNQUOTABLE.search(path):
        raise AttachmentError(f"{path!r} is a name that cannot be quoted: rename the file.")
    try:
        text = decode(Path(path).read_bytes(), path)
    except OSError as error:
        raise AttachmentError(f"{path}: {error.strerror}.") from None
    except UnreadableText as error:
        raise AttachmentError(str(error)) from None
    return Attachment(path, text.replace("\r\n", "\n"))


def _mib(size: int) -> str:
    return f"{size / 1024**2:.1f} MiB"
