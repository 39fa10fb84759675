"""Locks the data directory: two Valkeys on one append-only file lose acknowledged writes."""

import fcntl
import os
from pathlib import Path

from shared.domain.errors import InvalidSetting


def acquire_lock(directory: Path) -> int:
    """Create the directory and lock it; return the descriptor that holds the lock.

    Child processes inherit it, so the lock lasts until the last of them has ended, even if this
    process is killed. Raises InvalidSetting.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise InvalidSetting(
            f"{directory} is not writable ({error.strerror}). "
            "Choose another directory with BACKBURNER_DATA_DIR."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(descriptor, 20, 0).decode().strip() or "unknown"
        os.close(descriptor)
        raise InvalidSetting(
            f"{directory} is in use: another `make run` is running or stopping (process {holder})."
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor
