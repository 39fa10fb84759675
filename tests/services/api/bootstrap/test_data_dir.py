"""Processes that are given the same data directory never write into each other's files."""

import os
from pathlib import Path

import pytest

from services.api.bootstrap.data_dir import locked_data_dir
from shared.domain.errors import InvalidSetting


def test_each_process_has_a_folder_of_its_own(tmp_path: Path) -> None:
    with (
        locked_data_dir(tmp_path) as one,
        locked_data_dir(tmp_path) as two,
        locked_data_dir(tmp_path) as three,
    ):
        assert len({one, two, three}) == 3
        assert all(folder.parent == tmp_path for folder in (one, two, three))


def test_a_folder_is_found_again(tmp_path: Path) -> None:
    data = tmp_path / "not there yet"
    with locked_data_dir(data) as first:
        (first / "kept").touch()
    with locked_data_dir(data) as again:
        assert (again / "kept").exists()


def test_nobody_else_may_look_into_it(tmp_path: Path) -> None:
    with locked_data_dir(tmp_path) as folder:
        assert folder.stat().st_mode & 0o077 == 0


def test_without_a_data_directory_it_goes_with_the_process() -> None:
    with locked_data_dir(None) as folder:
        (folder / "something").touch()
        assert folder.is_absolute()
    assert not folder.exists()


def test_a_directory_that_cannot_be_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(InvalidSetting, match="BACKBURNER_DATA_DIR"),
        locked_data_dir(tmp_path / "file"),
    ):
        pass


def test_a_relative_directory_is_one_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with locked_data_dir(Path("data")) as folder:
        assert folder.is_absolute()
        assert folder == Path(os.getcwd()) / "data" / "api"  # noqa: PTH109 -- as the test sees it
