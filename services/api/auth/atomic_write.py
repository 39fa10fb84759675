"""Edits the tokens file: one edit at a time, atomically, with permissions for its owner only."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Replace the text by ``change(text)``. Raises OSError, and what ``change`` raises.

    A missing file counts as empty; a symbolic link is followed and kept.
    """
    path = path.resolve()
    with _locked(path.parent):
        _replace(path, change(path.read_bytes() if path.exists() else b""))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock the folder: the second of two concurrent edits must read what the first wrote."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, text: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".tokens-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            if path.exists():  # Root may edit it; the service must still read it.
                os.fchown(file.fileno(), path.stat().st_uid, path.stat().st_gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
