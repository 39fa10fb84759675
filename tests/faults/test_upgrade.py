"""Services of the previous release and of this one work side by side, on one store."""

import io
import secrets
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from tests.harness import ROOT, Installation, eventually, http

pytestmark = [pytest.mark.integration, pytest.mark.slow]

PREVIOUS = "0c4bf46fcbf680c1b165523576ee557e8b73ed86"
"""The commit of the previous release. 0.3.0 names that of 0.2.0 here (docs/releasing.md)."""

TASKS = 200
SUBMITTERS = 4


@pytest.fixture(scope="session")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the previous release, from the history."""
    command = ("git", "-C", str(ROOT), "archive", PREVIOUS)
    archive = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 -- our own
    if archive.returncode:
        pytest.skip(f"The history has no commit {PREVIOUS}: fetch all of it.")
    folder = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tree:
        tree.extractall(folder, filter="data")
    return folder


@contextmanager
def submitted(place: Installation, total: int) -> Iterator[Callable[[], list[str]]]:
    """Submit tasks meanwhile, to whichever API runs; yields what has been accepted so far."""
    accepted: list[str] = []
    stop = Event()

    def submit(number: int) -> None:
        key = secrets.token_hex(8)

        def once() -> bool:
            try:
                reply = http.post(
                    f"{place.api_url}/v1/tasks",
                    json={"input": f"Question {number}"},
                    headers={"Idempotency-Key": key},
                )
            except httpx.TransportError:
                return stop.is_set()  # between two APIs
            assert reply.status_code == 202, reply.text
            accepted.append(reply.json()["id"])
            return True

        eventually(once, f"task {number} is accepted")

    with ThreadPoolExecutor(SUBMITTERS) as executor:
        jobs = [executor.submit(submit, number) for number in range(total)]
        try:
            yield lambda: accepted
            for job in jobs:
                job.result()
        finally:
            stop.set()
            executor.shutdown(cancel_futures=True)


def until(accepted: Callable[[], list[str]], number: int) -> None:
    eventually(lambda: len(accepted()) >= number, f"{number} tasks are accepted")


def replace(place: Installation, accepted: Callable[[], list[str]], order: list[str]) -> None:
    """Start each service of ``place.code`` beside the old one, then stop the old one."""
    old = dict(zip(("poller", "api"), place.processes[2:4], strict=True))
    start: dict[str, Callable[[], Any]] = {"poller": place.poller, "api": place.api}
    for step, name in enumerate(order):
        until(accepted, (2 * step + 1) * TASKS // 5)
        start[name]()
        until(accepted, (2 * step + 2) * TASKS // 5)
        old[name].stop()


@pytest.mark.parametrize("order", [["poller", "api"], ["api", "poller"]], ids=" first, ".join)
@pytest.mark.parametrize("direction", ["upgrade", "rollback"])
def test_a_rolling_change_loses_nothing_and_pays_nothing_twice(
    installation: Installation, previous: Path, order: list[str], direction: str
) -> None:
    before, after = (previous, ROOT) if direction == "upgrade" else (ROOT, previous)
    installation.code = before
    installation.all()
    with submitted(installation, TASKS) as accepted:
        installation.code = after
        replace(installation, accepted, order)
    ids = accepted()
    assert len(set(ids)) == TASKS
    tasks = [installation.ended(task_id) for task_id in ids]
    assert {task["status"] for task in tasks} == {"completed"}
    sent: list[Any] = [entry["metadata"]["task_id"] for entry in installation.ledger()]
    assert sorted(sent) == sorted(ids)
    for process in installation.processes:
        assert "Traceback" not in process.output, process.output[-3000:]
