"""A backup is whole, is taken only while nothing runs, and is known for one when it is restored."""

import os
import stat
import subprocess
import sys
import tarfile
from pathlib import Path
from urllib.error import HTTPError

import pytest

from dev.backup import backup
from dev.lock import acquire_lock
from dev.restore import restore
from dev.settings import ROOT
from shared.domain.errors import InvalidSetting
from tests.dev.runner import READY, environment, started

AOF = b"*1\r\n$4\r\nPING\r\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A provider's folder with a store in it, and a mark of that store beside it."""
    log = tmp_path / "simulator" / "valkey" / "appendonlydir"
    log.mkdir(parents=True)
    (log / "appendonly.aof").write_bytes(AOF)
    (tmp_path / "simulator" / "high-water-simulator.json").write_bytes(
        b'{"history": "a", "claims": 1}'
    )
    return tmp_path / "simulator"


def content(directory: Path) -> bytes:
    return (directory / "valkey" / "appendonlydir" / "appendonly.aof").read_bytes()


def test_a_backup_is_private_and_holds_only_the_store_and_a_restore_keeps_the_old_one(
    directory: Path, tmp_path: Path
) -> None:
    file = tmp_path / "copies" / "one.tar.gz"
    backup(directory, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as archive:
        assert {name.partition("/")[0] for name in archive.getnames()} == {"valkey"}
    (directory / "valkey" / "appendonlydir" / "appendonly.aof").write_bytes(b"newer")

    aside = restore(directory, file, "simulator")

    assert content(directory) == AOF
    assert aside
    assert (aside / "appendonlydir" / "appendonly.aof").read_bytes() == b"newer"
    assert b'"restored-' in (directory / "high-water-simulator.json").read_bytes()


def test_a_backup_needs_a_store_and_a_new_file(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "one.tar.gz").write_bytes(b"another")
    with pytest.raises(InvalidSetting, match="already exists"):
        backup(directory, tmp_path / "one.tar.gz")
    assert (tmp_path / "one.tar.gz").read_bytes() == b"another"
    with pytest.raises(InvalidSetting, match="no store"):
        backup(tmp_path / "none", tmp_path / "two.tar.gz")


def test_what_runs_is_neither_copied_nor_replaced(directory: Path, tmp_path: Path) -> None:
    backup(directory, tmp_path / "one.tar.gz")
    descriptor = acquire_lock(directory)
    with pytest.raises(InvalidSetting, match="is in use"):
        backup(directory, tmp_path / "two.tar.gz")
    with pytest.raises(InvalidSetting, match="is in use"):
        restore(directory, tmp_path / "one.tar.gz", "simulator")
    os.close(descriptor)


@pytest.mark.parametrize("file", [None, b"no archive"])
def test_what_is_no_backup_replaces_nothing(
    directory: Path, tmp_path: Path, file: bytes | None
) -> None:
    if file is not None:
        (tmp_path / "one.tar.gz").write_bytes(file)
    with pytest.raises(InvalidSetting, match="cannot be read as a backup"):
        restore(directory, tmp_path / "one.tar.gz", "simulator")
    assert content(directory) == AOF


def command(folder: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603 -- our own commands
        [sys.executable, "-m", *arguments],
        env=environment(folder),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.integration
@pytest.mark.slow
async def test_a_restored_run_has_its_old_tasks_and_continues(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows(READY)
        old = await run.completed("Shall I be saved?")
    file = command(tmp_path, "dev.backup").strip()
    async with started(tmp_path) as run:
        await run.shows(READY)
        new = await run.completed("Shall I be lost?")

    assert "unconfirmed" in command(tmp_path, "dev.restore", file)

    async with started(tmp_path) as run:
        await run.shows(READY)
        found = await run.call(f"/v1/tasks/{old['id']}")
        assert found["output_text"] == old["output_text"]
        with pytest.raises(HTTPError, match="404"):
            await run.call(f"/v1/tasks/{new['id']}")
        assert (await run.completed("And now?"))["output_text"]
