"""Gives each API process a folder of its own: several may share a data directory."""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from shared.domain.errors import InvalidSetting


@contextmanager
def locked_data_dir(data_dir: Path | None) -> Iterator[Path]:
    """The first folder that no other process has locked; without a directory, a temporary one.

    The next process takes over the folder of one that was killed. Raises InvalidSetting if none
    can be created.
    """
    if data_dir is None:
        with tempfile.TemporaryDirectory(prefix="backburner-api-") as temporary:
            yield Path(temporary)
        return
    for number in count(1):
        folder = data_dir.absolute() / ("api" if number == 1 else f"api-{number}")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (folder / "lock").open("wb")
        except OSError as error:
            raise InvalidSetting(
                f"Cannot write {folder} ({error.strerror}). Check BACKBURNER_DATA_DIR."
            ) from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield folder
            return
