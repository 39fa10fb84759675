"""Changes the tokens file: one at a time, whole or not at all, and readable by its owner alone."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Have its text changed. Raises OSError, and what ``change`` raises.

    A file that is not there begins empty; a link is followed and stays one.
    """
    path = path.resolve()
    with _alone(path.parent):
        _replace(path, change(path.read_bytes() if path.exists() else b""))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder: of two edits at once, the second must see what the first one did."""
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
            if path.exists():  # edited by root, it is still for the service to read
                os.fchown(file.fileno(), path.stat().st_uid, path.stat().st_gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
