"""One run at a time per data directory: two stores on one file lose acknowledged writes."""

import fcntl
import os
from pathlib import Path

from shared.domain.errors import InvalidSetting


def lock(directory: Path) -> int:
    """Makes the directory and takes it.

    The descriptor returned is the lock: it is handed to the children too, so that the directory
    stays taken until the last of them has ended, even if this process is killed.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise InvalidSetting(
            f"{directory} cannot be written ({error.strerror}): "
            "choose another place with BACKBURNER_DATA_DIR."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(descriptor, 20, 0).decode().strip() or "unknown"
        os.close(descriptor)
        raise InvalidSetting(
            f"{directory} is in use: another `make run` is running or still stopping "
            f"(process {holder})."
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor
