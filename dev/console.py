"""Prints the output of several processes, each line prefixed with the process name."""

import os
import sys
from contextlib import suppress
from typing import BinaryIO, TextIO

WIDTH = len("simulator")
COLOURS = {"valkey": 31, "simulator": 35, "poller": 36, "api": 32, "dev": 33}


class Console:
    """Writes bytes, so that a line in any encoding is printed unchanged."""

    def __init__(self, stream: BinaryIO, *, colours: bool) -> None:
        self._stream = stream
        self._colours = colours

    def line(self, name: str, text: bytes) -> None:
        """Print a line of the process ``name``."""
        label = f"{name:<{WIDTH}} |"
        if self._colours:
            label = f"\x1b[{COLOURS.get(name, 39)}m{label}\x1b[0m"
        self.write(label.encode() + b" " + text.rstrip(b"\r\n") + b"\n")

    def say(self, text: str) -> None:
        """Print a line of ``make run`` itself."""
        self.line("dev", text.encode())

    def write(self, text: bytes) -> None:
        """Print bytes. A closed terminal must not prevent the ordered stop of the processes."""
        with suppress(OSError):
            self._stream.write(text)
            self._stream.flush()


def terminal(stream: TextIO = sys.stdout) -> Console:
    """Return a console on the stream, coloured on a terminal unless NO_COLOR is set."""
    return Console(stream.buffer, colours=stream.isatty() and "NO_COLOR" not in os.environ)
