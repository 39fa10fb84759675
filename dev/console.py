"""One terminal for several processes: each line under the name of who said it."""

import os
import sys
from contextlib import suppress
from typing import BinaryIO, TextIO

WIDTH = len("simulator")
COLOURS = {"valkey": 31, "simulator": 35, "poller": 36, "api": 32, "dev": 33}


class Console:
    """Writes bytes, so that a line in any encoding comes out as it came in."""

    def __init__(self, stream: BinaryIO, *, colours: bool) -> None:
        self._stream = stream
        self._colours = colours

    def line(self, name: str, text: bytes) -> None:
        """One line of the process ``name``."""
        label = f"{name:<{WIDTH}} |"
        if self._colours:
            label = f"\x1b[{COLOURS.get(name, 39)}m{label}\x1b[0m"
        self.write(label.encode() + b" " + text.rstrip(b"\r\n") + b"\n")

    def say(self, text: str) -> None:
        """One line of our own."""
        self.line("dev", text.encode())

    def write(self, text: bytes) -> None:
        """A closed terminal must not keep the children from being stopped in order."""
        with suppress(OSError):
            self._stream.write(text)
            self._stream.flush()


def terminal(stream: TextIO = sys.stdout) -> Console:
    """The console on a text stream, coloured if a person reads it and wants that."""
    return Console(stream.buffer, colours=stream.isatty() and "NO_COLOR" not in os.environ)
