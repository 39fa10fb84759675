"""Where the provider's answer to a submission is lost, nobody pays twice and everybody is told."""

import httpx
import pytest

from tests.installation import Installation, eventually, free_port

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("accept_then_drop", {}),
        ("drop", {}),
        ("error", {"status": 500}),
        ("accept_then_error", {"status": 502}),
        ("error", {"status": 408}),
        ("error", {"status": 409}),
        ("broken_json", {}),
        ("truncated_body", {}),
    ],
)
def test_an_ambiguous_end_of_the_post_is_never_sent_again(
    running: Installation, kind: str, options: dict[str, int]
) -> None:
    running.fault(kind, "create", **options)
    task = running.until(running.submit("Is it there?")["id"], "unconfirmed")

    after = running.ended(running.submit("And the next one?")["id"])
    assert after["status"] == "completed"
    assert running.fired(kind) == 1
    assert len(running.posts(task["id"])) == 1
    assert running.task(task["id"])["status"] == "unconfirmed"
    assert task["error"]["code"] == "unconfirmed"


def test_a_provider_that_hangs_is_not_asked_twice(installation: Installation) -> None:
    installation.valkey()
    installation.simulator()
    installation.poller(BACKBURNER_SUBMIT_TIMEOUT="1")
    installation.api()
    installation.fault("hang", "create", seconds=5)

    task = installation.until(installation.submit("Hello?")["id"], "unconfirmed")

    assert installation.fired("hang") == 1
    assert len(installation.posts(task["id"])) == 1


def test_a_refused_connection_is_proof_enough_to_try_again(installation: Installation) -> None:
    installation.valkey()
    port = free_port()
    installation.simulator_url = f"http://127.0.0.1:{port}"
    installation.poller()
    installation.api()
    task_id = installation.submit("Anybody home?")["id"]
    eventually(
        lambda: "not sent, will try again" in installation.processes[1].output, "one refused try"
    )
    assert installation.task(task_id)["status"] == "queued"

    installation.simulator(port)

    assert installation.ended(task_id)["status"] == "completed"
    assert len(installation.posts(task_id)) == 1


def test_rate_limiting_is_honoured_by_a_delayed_job(running: Installation) -> None:
    running.fault("rate_limited", "create", retry_after=1)
    task = running.ended(running.submit("Too fast?")["id"])

    assert task["status"] == "completed"
    assert running.fired("rate_limited") == 1
    assert [entry["status"] for entry in running.posts(task["id"])] == [429, 200]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("bad_key", "bad_key"), ("quota", "quota"), ("model_retired", "model_retired")],
)
def test_what_no_task_could_pass_pauses_all_and_loses_none(
    installation: Installation, kind: str, reason: str
) -> None:
    running = installation.all()
    running.fault(kind, "create", times=1)
    task_id = running.submit("Will this be paid?")["id"]
    paused = eventually(
        lambda: task if (task := running.task(task_id))["paused"] else None, "the task is paused"
    )

    assert (paused["status"], paused["paused"]) == ("queued", reason)
    ready = httpx.get(f"{running.api_url}/readyz").json()
    assert (ready["status"], ready["paused"]["reason"]) == ("ready", reason)
    later = running.submit("And this?")["id"]
    eventually(lambda: running.task(later)["paused"] == reason, "the next task waits too")
    assert running.fired(kind) == 1
    assert len(running.posts(later)) == 0


def test_a_404_in_mid_run_is_no_end(running: Installation) -> None:
    running.fault("not_found", "retrieve", times=1)
    task = running.ended(running.submit("Still there?")["id"])

    assert task["status"] == "completed"
    assert running.fired("not_found") == 1


def test_a_response_that_stays_unknown_ends_the_task(running: Installation) -> None:
    running.fault("not_found", "retrieve", times=1000)
    task = running.ended(running.submit("Gone?")["id"])

    assert (task["status"], task["error"]["code"]) == ("failed", "response_not_found")
    assert running.fired("not_found") >= 2


@pytest.mark.parametrize(
    "kind", ["error", "broken_json", "drop", "rate_limited", "truncated_body", "forbidden"]
)
def test_no_failure_of_a_poll_ends_a_task(running: Installation, kind: str) -> None:
    running.fault(kind, "retrieve", times=3)
    task = running.ended(running.submit("Are you well?")["id"])

    assert task["status"] == "completed"
    assert running.fired(kind) == 3
    assert len(running.posts(task["id"])) == 1


def test_a_worker_killed_in_mid_post_leaves_the_task_unconfirmed(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.simulator()
    poller = installation.poller(BACKBURNER_SUBMIT_TIMEOUT="1")
    installation.api()
    installation.fault("accept_then_hang", "create", seconds=3)
    task_id = installation.submit("Did you hear me?")["id"]
    eventually(lambda: installation.fired("accept_then_hang") == 1, "the POST arrives")

    poller.kill()
    installation.poller()

    task = installation.until(task_id, "unconfirmed")
    assert "stopped before it could say" in task["error"]["message"]
    assert len(installation.posts(task_id)) == 1
