"""Where the command line writes: results to stdout, everything else to stderr."""

import json
import os
import sys
from functools import cache

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from backburner.exits import Exit
from backburner.words import harmless


class Screen(Console):
    """A rich console that ends quietly when its reader has gone."""

    def on_broken_pipe(self) -> None:
        """As a program that SIGPIPE ends; rich's own way is exit code 1, which means more here."""
        _end_quietly()


@cache
def stdout() -> Screen:
    """For people who look at a result; programs get it from ``write``."""
    return Screen(highlight=False, emoji=False, markup=False)


@cache
def stderr() -> Screen:
    """For progress, costs and troubles."""
    return Screen(stderr=True, highlight=False, emoji=False, markup=False)


def say(text: str, style: str = "") -> None:
    """A remark on stderr; lines are not broken, so that commands in it can be copied."""
    stderr().print(Text(harmless(text), style), soft_wrap=True)


def write(text: str) -> None:
    """A result on stdout, unchanged, with an end of line; UTF-8 whatever the locale."""
    write_bytes((text if text.endswith("\n") else f"{text}\n").encode(errors="replace"))


def write_bytes(data: bytes) -> None:
    """A result on stdout, byte for byte."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _end_quietly()


def write_json(value: object) -> None:
    """The one JSON document of a command with --json."""
    write(json.dumps(value, ensure_ascii=False, indent=2))


def write_answer(text: str) -> None:
    """Markdown as it is meant to be read; as it is written where no person reads it.

    Links show their address: what a model wrote must not hide where it leads.
    """
    if sys.stdout.isatty():
        stdout().print(Markdown(harmless(text), hyperlinks=False))
    else:
        write(text)


def _end_quietly() -> None:
    for stream in (sys.stdout, sys.stderr):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    raise SystemExit(Exit.READER_GONE)
