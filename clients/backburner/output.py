"""Writes results to stdout and everything else to stderr."""

import json
import os
import sys
from functools import cache

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from backburner.exit_codes import Exit
from backburner.formatting import strip_control


class PipeConsole(Console):
    """A rich console that exits silently if its pipe is closed."""

    def on_broken_pipe(self) -> None:
        """Exit as after SIGPIPE. Rich would exit with 1, which has another meaning here."""
        _exit_on_broken_pipe()


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
    """Write a result to stdout, byte for byte."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _exit_on_broken_pipe()


def write_json(value: object) -> None:
    """Write the one JSON document of a command with --json."""
    write(json.dumps(value, ensure_ascii=False, indent=2))


def write_answer(text: str) -> None:
    """Write Markdown: rendered on a terminal, unchanged in a pipe.

    A rendered link shows its address, so that a model cannot hide where it leads.
    """
    if sys.stdout.isatty():
        stdout().print(Markdown(strip_control(text), hyperlinks=False))
    else:
        write(text)


def _exit_on_broken_pipe() -> None:
    for stream in (sys.stdout, sys.stderr):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    raise SystemExit(Exit.BROKEN_PIPE)
