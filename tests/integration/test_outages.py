"""The store goes away and comes back; the processes stay, and so do the tasks."""

import signal

import httpx
import pytest

from tests.harness import Installation, eventually

pytestmark = [pytest.mark.integration, pytest.mark.thorough]


def test_poller_and_api_outlive_a_killed_store(installation: Installation) -> None:
    valkey = installation.valkey()
    port = int(installation.redis_url.rpartition(":")[2].removesuffix("/0"))
    installation.simulator(BACKBURNER_SIMULATOR_RUN_SECONDS="2")
    poller = installation.poller()
    api = installation.api()
    task_id = installation.submit("Will you survive?")["id"]
    installation.until(task_id, "in_progress")

    valkey.kill()
    refused = httpx.post(f"{installation.api_url}/v1/tasks", json={"input": "Now?"}, timeout=20)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert httpx.get(f"{installation.api_url}/readyz", timeout=20).status_code == 503
    installation.valkey(port)

    assert installation.ended(task_id)["status"] == "completed"
    assert len(installation.posts(task_id)) == 1
    assert (poller.popen.poll(), api.popen.poll()) == (None, None)
    tasks = httpx.get(f"{installation.api_url}/v1/tasks").json()["data"]
    assert [task["id"] for task in tasks] == [task_id]


@pytest.mark.slow
def test_losing_every_job_loses_no_task(installation: Installation) -> None:
    installation.valkey()
    installation.simulator(BACKBURNER_SIMULATOR_RUN_SECONDS="5")
    installation.poller()
    installation.api()
    running = installation
    tasks = [running.submit(f"Question {number}")["id"] for number in range(3)]
    for task_id in tasks:
        running.until(task_id, "in_progress")
    store = running.store
    for key in store.scan_iter("arq:job:*"):
        store.delete(key)
    store.delete("backburner:queue:simulator")

    assert {running.ended(task_id, 60)["status"] for task_id in tasks} == {"completed"}
    assert len(running.ledger()) == 3


def test_sigterm_lets_a_submission_finish(installation: Installation) -> None:
    installation.valkey()
    installation.simulator()
    poller = installation.poller()
    installation.api()
    installation.fault("accept_then_hang", "create", seconds=2)
    task_id = installation.submit("May I finish?")["id"]
    eventually(lambda: installation.fired("accept_then_hang") == 1, "the POST arrives")

    assert poller.stop(signal.SIGTERM) == 0

    assert installation.task(task_id)["status"] == "in_progress"
    assert "running_jobs_awaited" in poller.output
    assert len(installation.posts(task_id)) == 1


@pytest.mark.parametrize(
    ("config", "remedy"),
    [
        (("--appendonly", "no"), "appendonly yes"),
        (("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"), "noeviction"),
    ],
)
@pytest.mark.parametrize("name", ["api", "poller"])
def test_an_unsafe_store_is_refused_with_the_line_to_change(
    installation: Installation, name: str, config: tuple[str, ...], remedy: str
) -> None:
    installation.valkey(None, *config)
    installation.simulator()

    with pytest.raises(AssertionError):
        getattr(installation, name)()

    process = installation.processes[-1]
    assert process.popen.returncode == 1
    assert remedy in process.output
    assert "Traceback" not in process.output
