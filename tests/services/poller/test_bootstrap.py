"""The poller as a process: what keeps it from starting is said at once, in one sentence."""

import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.harness import ROOT, Installation, eventually, free_port

pytestmark = pytest.mark.integration


def start(**settings: str) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run a poller until it ends by itself; how long that took, in seconds."""
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "services.poller"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OPENAI_API_KEY": "sk-x"}
        | settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return ended, time.monotonic() - began


def test_an_unreachable_or_frozen_redis_ends_the_start_at_once() -> None:
    _, start_up = start(BACKBURNER_POLL_INTERVAL="never")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        # Twice if need be: what else this machine does is not the poller's time.
        tries = (start(REDIS_URL=f"redis://127.0.0.1:{port}/0") for _ in range(2))
        frozen = next((ended for ended, seconds in tries if seconds < start_up * 2 + 3), None)
    away, _ = start(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert frozen, "a silent store is waited for too long"
    for process in (away, frozen):
        assert process.returncode == 1
        assert process.stderr.startswith(
            "The poller cannot start: the store at REDIS_URL does not answer"
        )
        assert process.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("OPENAI_API_KEY", ""), ("HTTPS_PROXY", "socks5://s3cret:1")],
)
def test_a_provider_that_cannot_be_reached_as_set_ends_the_start(name: str, value: str) -> None:
    ended, _ = start(**{name: value})
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"The poller cannot start: {name}")
    assert ended.stderr.count("\n") == 1
    assert "s3cret" not in ended.stderr


def test_a_redis_that_fails_later_is_logged_and_waited_for(
    installation: Installation,
) -> None:
    valkey = installation.valkey()
    installation.simulator()
    poller = installation.poller()
    valkey.kill()
    eventually(lambda: "redis_unresponsive" in poller.output, "it says so")
    assert "redis_recovered" not in poller.output
    installation.valkey(installation.redis_port)
    eventually(lambda: "redis_recovered" in poller.output, "and when it is over")
    assert poller.popen.poll() is None


@pytest.mark.thorough
def test_a_store_that_is_still_loading_is_awaited_and_not_taken_for_unsafe(
    installation: Installation,
) -> None:
    valkey = installation.valkey()
    installation.simulator()
    installation.api().stop()
    for number in range(400):
        installation.store.set(f"ballast:{number}", os.urandom(2000))
    installation.store.bgrewriteaof()
    base = "appendonly.aof.2.base.rdb"
    eventually(lambda: list(installation.folder.rglob(base)), "the keys are in one file")
    valkey.kill()

    slow = ("--key-load-delay", "50000", "--loading-process-events-interval-bytes", "1024")
    loading = installation.valkey(installation.redis_port, *slow, ready=False)
    eventually(lambda: "Server initialized" in loading.output, "it loads, for 20 s")
    stopped, poller = (installation.poller(ready=False) for _ in range(2))
    api = installation.api(ready=False)
    for process in (stopped, poller, api):
        eventually(lambda: "loading" in process.output, f"{process.name} waits and says so")  # noqa: B023 -- called at once
    assert installation.store.info()["aof_enabled"] == 0
    assert stopped.stop() == 128 + signal.SIGTERM
    assert "Traceback" not in stopped.output

    eventually(lambda: "api_started" in api.output, "it is loaded", 90)
    assert installation.ended(installation.submit("Still there?")["id"])["status"] == "completed"


def test_a_second_poller_on_one_metrics_port_ends_with_a_message(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.simulator()
    port = {"BACKBURNER_METRICS_PORT": str(free_port())}
    installation.poller(**port)
    second: Any = installation.poller(ready=False, **port)
    assert second.popen.wait(30) == 1
    assert "BACKBURNER_METRICS_PORT" in second.output
    assert "Traceback" not in second.output


def test_later_log_lines_do_not_carry_the_request_id_of_the_startup_check(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.simulator()
    poller = installation.poller()
    assert poller.stop() == 0
    assert "poller_stopped" in poller.output
    assert "provider_request_id" not in poller.output
