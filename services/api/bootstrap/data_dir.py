"""The folder that one API process has to itself: several may be given the same data directory."""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from shared.domain.errors import InvalidSetting


@contextmanager
def own_folder(data_dir: Path | None) -> Iterator[Path]:
    """The first folder there that no other process holds; without a directory, a temporary one.

    Whoever is killed leaves its folder to the next. Raises SettingUnusable where none can be made.
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
                f"{folder} cannot be written ({error.strerror}): correct BACKBURNER_DATA_DIR."
            ) from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield folder
            return
