"""Writes results to stdout and everything else to stderr."""

import errno
import json
import os
import sys
from contextlib import suppress
from functools import cache
from typing import TextIO

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from backburner.formatting import strip_control


class PipeConsole(Console):
    """A rich console that raises BrokenPipeError like every other stream."""

    def on_broken_pipe(self) -> None:
        """Called if the pipe is closed. Rich would exit with 1, which has another meaning here."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


@cache
def stdout() -> PipeConsole:
    """The console for results on a terminal. In a pipe, use ``write``."""
    return PipeConsole(highlight=False, emoji=False, markup=False)


@cache
def stderr() -> PipeConsole:
    """The console for progress, costs and errors."""
    return PipeConsole(stderr=True, highlight=False, emoji=False, markup=False)


def report(text: str, style: str = "") -> None:
    """Write a message to stderr. Lines are not wrapped, so that commands can be copied."""
    stderr().print(Text(strip_control(text), style), soft_wrap=True)


def write(text: str) -> None:
    """Write a result to stdout with a line end, in UTF-8 whatever the locale."""
    write_bytes((text if text.endswith("\n") else f"{text}\n").encode(errors="replace"))


def write_bytes(data: bytes) -> None:
    """Write a result to stdout, byte for byte. Raises OSError, also if stdout is closed."""
    name = "Standard output"
    if sys.stdout is None:
        raise OSError(errno.EBADF, "It is closed", name)
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from None


def write_json(value: object) -> None:
    """Write the one JSON document of a command with --json."""
    write(json.dumps(value, ensure_ascii=False, indent=2))


def write_answer(text: str) -> None:
    """Write Markdown: rendered on a terminal, unchanged in a pipe.

    A rendered link shows its address, so that a model cannot hide where it leads.
    """
    if is_terminal(sys.stdout):
        stdout().print(Markdown(strip_control(text), hyperlinks=False))
    else:
        write(text)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether people read or write this stream; None is a closed one."""
    return stream is not None and stream.isatty()


def discard(stream: TextIO | None) -> None:
    """Write what is left of a stream to nowhere, so that Python's exit does not fail on it."""
    if stream is not None:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
