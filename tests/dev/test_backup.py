"""A backup is whole, is taken only while nothing runs, and is known for one when it is restored."""

import os
import signal
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev.backup import backup
from dev.lock import lock
from dev.ports import free_port
from dev.restore import restore
from dev.settings import ROOT
from shared.domain.errors import InvalidSetting
from tests.harness import eventually

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


def test_a_backup_holds_the_store_alone_and_is_for_its_owner(
    directory: Path, tmp_path: Path
) -> None:
    backup(directory, tmp_path / "copies" / "one.tar.gz")
    assert stat.S_IMODE((tmp_path / "copies" / "one.tar.gz").stat().st_mode) == 0o600
    with tarfile.open(tmp_path / "copies" / "one.tar.gz") as archive:
        assert {name.partition("/")[0] for name in archive.getnames()} == {"valkey"}


def test_a_restored_store_is_the_old_one_and_what_was_there_is_kept(
    directory: Path, tmp_path: Path
) -> None:
    backup(directory, tmp_path / "one.tar.gz")
    (directory / "valkey" / "appendonlydir" / "appendonly.aof").write_bytes(b"newer")
    aside = restore(directory, tmp_path / "one.tar.gz", "simulator")
    assert content(directory) == AOF
    assert aside
    assert (aside / "appendonlydir" / "appendonly.aof").read_bytes() == b"newer"
    assert b'"restored-' in (directory / "high-water-simulator.json").read_bytes()


def test_no_backup_replaces_another(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "one.tar.gz").write_bytes(b"another")
    with pytest.raises(InvalidSetting, match="exists already"):
        backup(directory, tmp_path / "one.tar.gz")
    assert (tmp_path / "one.tar.gz").read_bytes() == b"another"


def test_what_runs_is_neither_copied_nor_replaced(directory: Path, tmp_path: Path) -> None:
    backup(directory, tmp_path / "one.tar.gz")
    descriptor = lock(directory)
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


def test_an_empty_place_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="no store"):
        backup(tmp_path / "none", tmp_path / "one.tar.gz")


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Ours win over a .env that a person may have: nothing here can be paid."""
    return {
        "PATH": os.environ["PATH"],
        "REDIS_URL": "",
        "BACKBURNER_PROVIDER": "simulator",
        "BACKBURNER_DATA_DIR": str(folder),
        **more,
    }


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """`python -m dev` on the folder; the API's address. Ended in order."""
    ports = {
        "BACKBURNER_PORT": str(free_port()),
        "BACKBURNER_SIMULATOR_PORT": str(free_port()),
        "BACKBURNER_SIMULATOR_RUN_SECONDS": "0",
        "BACKBURNER_POLL_INTERVAL": "0.2",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "dev"],
        env=environment(folder, **ports),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        try:
            assert any("Backburner is ready" in line for line in process.stdout)
            yield f"http://127.0.0.1:{ports['BACKBURNER_PORT']}/v1/tasks"
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


def command(folder: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603 -- our own commands
        [sys.executable, "-m", *arguments],
        env=environment(folder),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def ended(url: str, question: str) -> dict[str, Any]:
    task = httpx.post(url, json={"input": question}).json()["id"]

    def found() -> dict[str, Any] | None:
        state: dict[str, Any] = httpx.get(f"{url}/{task}").json()
        return state if state["completed_at"] else None

    result: dict[str, Any] = eventually(found, "it ends")
    return result


@pytest.mark.integration
@pytest.mark.slow
def test_a_restored_run_knows_its_old_tasks_and_goes_on(tmp_path: Path) -> None:
    with running(tmp_path) as url:
        old = ended(url, "Shall I be saved?")
    file = command(tmp_path, "dev.backup").strip()
    with running(tmp_path) as url:
        new = ended(url, "Shall I be lost?")

    assert "unconfirmed" in command(tmp_path, "dev.restore", file)

    with running(tmp_path) as url:
        assert httpx.get(f"{url}/{old['id']}").json()["output_text"] == old["output_text"]
        assert httpx.get(f"{url}/{new['id']}").status_code == 404
        assert ended(url, "And now?")["status"] == "completed"
