"""Counts what a reference has done where another process sees it, at the price of one write."""

import os
import struct
from pathlib import Path


class Counter:
    """A number in the file that the environment's COUNT names."""

    def __init__(self) -> None:
        self._file = os.open(os.environ["COUNT"], os.O_RDWR | os.O_CREAT)
        self._count = 0

    def add(self) -> None:
        """One more."""
        self._count += 1
        os.pwrite(self._file, struct.pack("<Q", self._count), 0)


def counted(path: Path) -> int:
    """What it has come to; nothing where nobody has counted yet."""
    data = path.read_bytes() if path.exists() else b""
    return int(struct.unpack("<Q", data)[0]) if data else 0
