"""A data directory belongs to one run at a time."""

import os
import stat
from pathlib import Path

import pytest

from dev.lock import acquire_lock
from shared.domain.errors import InvalidSetting


def test_a_taken_directory_is_refused_and_names_who_has_it(tmp_path: Path) -> None:
    acquire_lock(tmp_path / "data")
    with pytest.raises(InvalidSetting, match=f"is in use: .*process {os.getpid()}"):
        acquire_lock(tmp_path / "data")


def test_a_directory_is_free_again_when_the_last_descriptor_closes(tmp_path: Path) -> None:
    descriptor = acquire_lock(tmp_path)
    inherited = os.dup(descriptor)
    os.close(descriptor)
    with pytest.raises(InvalidSetting):
        acquire_lock(tmp_path)
    os.close(inherited)
    os.close(acquire_lock(tmp_path))


def test_conversations_are_for_their_owner_only(tmp_path: Path) -> None:
    os.close(acquire_lock(tmp_path / "a" / "b"))
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidSetting, match="BACKBURNER_DATA_DIR"):
        acquire_lock(tmp_path / "file" / "data")
