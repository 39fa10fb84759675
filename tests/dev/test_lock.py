"""A data directory belongs to one run at a time."""

import os
import stat
from pathlib import Path

import pytest

from dev.lock import acquire_lock
from shared.domain.errors import InvalidSetting


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidSetting, match="BACKBURNER_DATA_DIR"):
        acquire_lock(tmp_path / "file" / "data")


def test_a_directory_is_locked_until_the_last_descriptor_closes(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "b"
    descriptor = acquire_lock(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    inherited = os.dup(descriptor)
    os.close(descriptor)
    with pytest.raises(InvalidSetting, match=f"is in use: .*process {os.getpid()}"):
        acquire_lock(directory)
    os.close(inherited)
    os.close(acquire_lock(directory))
