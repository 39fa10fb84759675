"""A store that lost what it had confirmed: row 15 of docs/reliability.md."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness import ROOT, Installation, Process, eventually

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def aof(installation: Installation) -> Path:
    """The file that every command is appended to."""
    [file] = (installation.folder / "valkey" / "appendonlydir").glob("*.incr.aof")
    return file


def restarted(installation: Installation, valkey: Process, cut_at: int) -> None:
    """Pull the plug on a disk that lied: the end of the file never reached it."""
    valkey.kill()
    file = aof(installation)
    assert file.stat().st_size > cut_at
    os.truncate(file, cut_at)
    installation.valkey(installation.redis_port)


def waiting(installation: Installation) -> list[str]:
    """Two tasks that no poller has seen yet."""
    return [installation.submit(f"Question {number}?")["id"] for number in range(2)]


def parked(installation: Installation, task: str) -> None:
    found = installation.until(task, "unconfirmed")
    assert "restored to an earlier state" in found["error"]["message"]
    assert len(installation.posts(task)) == 1


def goes_on(installation: Installation) -> None:
    """What is accepted after the rollback was noticed runs as ever."""
    assert installation.ended(installation.submit("And I?")["id"])["status"] == "completed"


@pytest.mark.parametrize("survivor", ["poller", "file"])
def test_row_15_what_was_sent_before_a_rollback_is_not_sent_again(
    installation: Installation, survivor: str
) -> None:
    """The poller that sent them remembers; or it is gone too, and its file does."""
    remembers = {"BACKBURNER_DATA_DIR": str(installation.folder)} if survivor == "file" else {}
    valkey = installation.valkey()
    installation.simulator(BACKBURNER_SIMULATOR_RUN_SECONDS="2")
    installation.api()
    poller = installation.poller(**remembers)
    ended = installation.submit("Before all?")["id"]
    installation.ended(ended)
    poller.stop()
    tasks = waiting(installation)
    before = aof(installation).stat().st_size
    poller = installation.poller(**remembers)
    for task in tasks:
        installation.until(task, "in_progress")
    if survivor == "file":
        poller.kill()

    restarted(installation, valkey, before)
    if survivor == "file":
        assert {installation.task(task)["status"] for task in tasks} == {"queued"}
        poller = installation.poller(**remembers)

    for task in tasks:
        parked(installation, task)
    assert "store_rollback_detected" in poller.output
    assert installation.task(ended)["status"] == "completed"
    goes_on(installation)
    assert [len(installation.posts(task)) for task in tasks] == [1, 1]


def test_row_15_the_command_says_what_nobody_remembers(installation: Installation) -> None:
    valkey = installation.valkey()
    installation.simulator()
    installation.api()
    tasks = waiting(installation)
    before = aof(installation).stat().st_size
    poller = installation.poller()
    for task in tasks:
        installation.until(task, "in_progress", "completed")
    poller.kill()
    restarted(installation, valkey, before)
    assert {installation.task(task)["status"] for task in tasks} == {"queued"}

    subprocess.run(
        [sys.executable, "-m", "services.poller.cli_mark_restored"],
        env={
            "PATH": os.environ["PATH"],
            "REDIS_URL": installation.redis_url,
            "BACKBURNER_PROVIDER": "simulator",
        },
        cwd=ROOT,
        check=True,
    )
    installation.poller()

    for task in tasks:
        parked(installation, task)
    goes_on(installation)


def test_row_15_an_answer_on_its_way_finds_its_task_after_a_rollback(
    installation: Installation,
) -> None:
    """The claim is lost while the POST is under way, but its sender lives and knows the id."""
    valkey = installation.valkey()
    installation.simulator()
    installation.api()
    poller = installation.poller()
    installation.ended(installation.submit("Before all?")["id"])
    poller.popen.send_signal(signal.SIGSTOP)
    task = installation.submit("Who has me?")["id"]
    before = aof(installation).stat().st_size
    installation.fault("accept_then_hang", "create", seconds=6)
    poller.popen.send_signal(signal.SIGCONT)
    eventually(lambda: installation.fired("accept_then_hang") == 1, "the POST arrives")

    restarted(installation, valkey, before)

    assert installation.ended(task)["status"] == "completed"
    assert "store_rollback_detected" in poller.output
    assert len(installation.posts(task)) == 1


def test_row_15_a_poller_that_remembers_less_waits_for_one_that_remembers_more(
    installation: Installation,
) -> None:
    """The sender comes back to the store two seconds later than the other one."""
    valkey = installation.valkey()
    installation.simulator()
    installation.api()
    sender, other = installation.poller(), installation.poller()
    installation.ended(installation.submit("Before all?")["id"])
    run = installation.store.hget("backburner:epoch:simulator", "run")
    for poller in (sender, other):
        poller.popen.send_signal(signal.SIGSTOP)
    task = installation.submit("Who sends me?")["id"]
    before = aof(installation).stat().st_size
    sender.popen.send_signal(signal.SIGCONT)
    eventually(lambda: installation.posts(task), "it is sent")
    sender.popen.send_signal(signal.SIGSTOP)

    restarted(installation, valkey, before)
    other.popen.send_signal(signal.SIGCONT)
    eventually(
        lambda: installation.store.hget("backburner:epoch:simulator", "run") != run,
        "the other one is back",
    )
    time.sleep(2)  # the fault itself
    sender.popen.send_signal(signal.SIGCONT)

    assert installation.until(task, "unconfirmed", "in_progress", "completed")
    assert "store_rollback_detected" in sender.output
    assert "submission_postponed" in other.output
    assert len(installation.posts(task)) == 1


def test_a_mark_that_cannot_be_kept_stops_a_poller_that_was_told_to_keep_it(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.simulator()
    (installation.folder / "taken").touch()
    with pytest.raises(AssertionError):
        installation.poller(BACKBURNER_DATA_DIR=str(installation.folder / "taken"))
    assert installation.processes[-1].popen.returncode == 1
    assert "Traceback" not in installation.processes[-1].output
