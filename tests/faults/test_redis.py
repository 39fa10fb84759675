"""The store at its worst: rows 14, 16, 17, 19, 20, 21 and 43 of docs/reliability.md.

OUTAGE and FREEZE lengthen the two that take their time: OUTAGE=70 FREEZE=20 pytest tests/faults.
"""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from tests.harness import ROOT, Installation, eventually, free_port, http

pytestmark = [pytest.mark.integration, pytest.mark.slow]

OUTAGE = float(os.environ.get("OUTAGE", "4"))
FREEZE = float(os.environ.get("FREEZE", "7"))
AFTER_RETURN = 5.0
"""Seconds from the store's return to the first poll."""


def polled_after(installation: Installation, moment: datetime, tasks: list[str]) -> bool:
    """Whether one of the tasks was polled after ``moment``."""
    polled = [installation.task(task)["last_polled_at"] for task in tasks]
    return any(time and datetime.fromisoformat(time) > moment for time in polled)


def alive(installation: Installation) -> list[bool]:
    return [
        process.popen.poll() is None
        for process in installation.processes
        if process.name in ("api", "poller")
    ]


def refusal(installation: Installation) -> int:
    """What a new task is answered while the store is unusable."""
    reply = http.post(f"{installation.api_url}/v1/tasks", json={"input": "Now?"}, timeout=30)
    assert reply.headers.get("retry-after") == "5", reply.text
    return reply.status_code


@pytest.mark.parametrize("appendfsync", ["always", "everysec"])
def test_row_14_a_killed_store_keeps_every_accepted_task(
    installation: Installation, appendfsync: str
) -> None:
    valkey = installation.valkey(None, "--appendfsync", appendfsync)
    installation.simulator()
    installation.api()
    tasks = [installation.submit(f"Question {number}?")["id"] for number in range(5)]

    valkey.kill()
    assert valkey.popen.returncode == -signal.SIGKILL
    installation.valkey(installation.redis_port, "--appendfsync", appendfsync)
    installation.poller()

    assert {installation.ended(task)["status"] for task in tasks} == {"completed"}
    assert [len(installation.posts(task)) for task in tasks] == [1] * 5


@pytest.mark.parametrize(
    ("config", "remedy"),
    [
        pytest.param(("--appendonly", "no"), "`appendonly yes`", id="row_14"),
        pytest.param(("--appendfsync", "no"), "`appendfsync always`", id="row_14-unsynced"),
        pytest.param(("--maxmemory-policy", "allkeys-lru"), "noeviction`", id="row_17"),
        pytest.param(("--maxmemory-policy", "volatile-ttl"), "noeviction`", id="row_17-volatile"),
        pytest.param(("--replicaof", "127.0.0.1 1"), "point REDIS_URL at the master", id="replica"),
    ],
)
@pytest.mark.parametrize("name", ["api", "poller"])
def test_row_14_and_17_an_unsafe_store_is_refused_with_the_line_to_change(
    installation: Installation, name: str, config: tuple[str, ...], remedy: str
) -> None:
    installation.valkey(None, *config)

    with pytest.raises(AssertionError):
        getattr(installation, name)(OPENAI_BASE_URL="http://127.0.0.1:9/v1")

    process = installation.processes[-1]
    assert process.popen.returncode == 1
    assert remedy in process.output
    assert "Traceback" not in process.output


def test_row_16_a_full_store_refuses_new_tasks_and_loses_none(installation: Installation) -> None:
    installation.valkey()
    installation.simulator(BACKBURNER_SIMULATOR_RUN_SECONDS="1")
    poller = installation.poller()
    installation.api()
    task = installation.submit("Is there room?")["id"]
    installation.until(task, "in_progress")

    installation.store.config_set("maxmemory", "1mb")
    assert refusal(installation) == 503
    assert installation.task(task)["status"] in ("in_progress", "completed")
    eventually(lambda: "OutOfMemoryError" in poller.output, "the poller is refused, too")
    refused = installation.store.info("errorstats")["errorstat_OOM"]["count"]
    installation.store.config_set("maxmemory", "0")

    assert installation.ended(task)["status"] == "completed"
    assert installation.ended(installation.submit("And now?")["id"])["status"] == "completed"
    assert refused > 0
    assert len(installation.posts(task)) == 1
    assert all(alive(installation))


def test_row_16_a_store_that_cannot_write_is_waited_for(installation: Installation) -> None:
    """A failed snapshot makes the server refuse every write: MISCONF."""
    installation.all()
    store = installation.store
    (installation.folder / "valkey" / "dump.rdb").mkdir()
    store.config_set("save", "3600 1")
    store.set("something", "new")
    store.bgsave()
    eventually(lambda: store.info("persistence")["rdb_last_bgsave_status"] == "err", "it fails")

    assert refusal(installation) == 503
    refused = store.info("errorstats")["errorstat_MISCONF"]["count"]
    store.config_set("save", "")

    assert installation.ended(installation.submit("And now?")["id"])["status"] == "completed"
    assert refused > 0
    assert all(alive(installation))


def test_row_19_a_frozen_store_is_waited_for(installation: Installation) -> None:
    valkey = installation.valkey()
    installation.simulator(BACKBURNER_SIMULATOR_RUN_SECONDS=str(FREEZE + 2))
    installation.poller()
    installation.api()
    tasks = [installation.submit(f"Question {number}?")["id"] for number in range(5)]
    for task in tasks:
        installation.until(task, "in_progress")

    valkey.popen.send_signal(signal.SIGSTOP)
    frozen = time.monotonic()
    try:
        assert refusal(installation) == 503
        answered = time.monotonic() - frozen
        time.sleep(max(FREEZE - answered, 0))  # the fault itself: nothing happens that could tell
    finally:
        valkey.popen.send_signal(signal.SIGCONT)
    thawed = datetime.now(UTC)

    eventually(lambda: polled_after(installation, thawed, tasks), "a poll", AFTER_RETURN)
    assert {installation.ended(task, FREEZE + 30)["status"] for task in tasks} == {"completed"}
    assert [len(installation.posts(task)) for task in tasks] == [1] * 5
    assert answered < 20
    assert all(alive(installation))


def test_row_20_after_an_outage_polling_goes_on_within_5_s(installation: Installation) -> None:
    valkey = installation.valkey()
    installation.simulator(BACKBURNER_SIMULATOR_RUN_SECONDS=str(OUTAGE + 2))
    installation.poller()
    installation.api()
    tasks = [installation.submit(f"Question {number}?")["id"] for number in range(5)]
    for task in tasks:
        installation.until(task, "in_progress")

    valkey.kill()
    down = time.monotonic()
    assert refusal(installation) == 503
    assert http.get(f"{installation.api_url}/readyz", timeout=20).status_code == 503
    time.sleep(max(OUTAGE - (time.monotonic() - down), 0))  # the fault itself
    installation.valkey(installation.redis_port)
    back = datetime.now(UTC)

    eventually(lambda: polled_after(installation, back, tasks), "a poll", AFTER_RETURN)
    print(f"first poll after {(datetime.now(UTC) - back).total_seconds():.2f} s")  # noqa: T201 -- the figure of docs/reliability.md
    assert {installation.ended(task, 60)["status"] for task in tasks} == {"completed"}
    assert [len(installation.posts(task)) for task in tasks] == [1] * 5
    assert valkey.popen.returncode == -signal.SIGKILL
    assert all(alive(installation))


def test_row_21_an_emptied_store_says_404_and_takes_new_tasks(installation: Installation) -> None:
    installation.valkey()
    installation.simulator(BACKBURNER_SIMULATOR_RUN_SECONDS="60")
    poller = installation.poller()
    installation.api()
    task = installation.submit("Where am I?")["id"]
    installation.until(task, "in_progress")

    installation.store.flushall()
    assert installation.store.info("commandstats")["cmdstat_flushall"]["calls"] == 1

    assert http.get(f"{installation.api_url}/v1/tasks/{task}").status_code == 404
    eventually(lambda: "store_rollback_detected" in poller.output, "the poller notices")
    after = installation.submit("And I?")["id"]
    assert installation.until(after, "in_progress")["id"] == after
    assert len(installation.posts(task)) == 1
    assert all(alive(installation))


def test_row_43_the_second_server_on_a_data_directory_refuses_to_start(
    installation: Installation,
) -> None:
    place = {
        "PATH": os.environ["PATH"],
        "BACKBURNER_DATA_DIR": str(installation.folder),
        "BACKBURNER_PROVIDER": "simulator",
        "REDIS_URL": "",
    }
    command = [sys.executable, "-m", "dev"]

    def run() -> subprocess.Popen[str]:
        ports = {
            "BACKBURNER_PORT": str(free_port()),
            "BACKBURNER_SIMULATOR_PORT": str(free_port()),
        }
        return subprocess.Popen(  # noqa: S603 -- our own command
            command,
            env=place | ports,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    with run() as first:
        assert first.stdout
        try:
            assert any("Backburner is ready" in line for line in first.stdout)
            with run() as second:
                try:
                    said, _ = second.communicate(timeout=20)
                finally:
                    second.terminate()
            assert second.returncode == 1
            assert "is in use" in said
            assert first.poll() is None
        finally:
            first.send_signal(signal.SIGTERM)
            first.communicate(timeout=30)
    assert first.returncode == 0
