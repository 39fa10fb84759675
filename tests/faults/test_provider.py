"""The provider at its worst: rows 23 to 32 and 45 of docs/reliability.md."""

import pytest

from tests.harness import Installation, eventually, free_port, http

pytestmark = pytest.mark.integration


def never_sent_again(place: Installation, kind: str, **options: int) -> None:
    """One ambiguous end of a POST: one POST, an unconfirmed task, and the next one unharmed."""
    place.fault(kind, "create", **options)
    task = place.until(place.submit("Is it there?")["id"], "unconfirmed")

    after = place.ended(place.submit("And the next one?")["id"])

    assert after["status"] == "completed"
    assert place.fired(kind) == 1
    assert len(place.posts(task["id"])) == 1
    assert place.task(task["id"])["status"] == "unconfirmed"
    assert task["error"]["code"] == "unconfirmed"


@pytest.mark.parametrize(("kind", "status"), [("error", 500), ("accept_then_error", 503)])
def test_row_24_a_5xx_on_submit_is_never_sent_again(
    running: Installation, kind: str, status: int
) -> None:
    never_sent_again(running, kind, status=status)


@pytest.mark.parametrize("status", [408, 409])
def test_row_24_an_ambiguous_4xx_is_never_sent_again(running: Installation, status: int) -> None:
    never_sent_again(running, "error", status=status)


@pytest.mark.parametrize("kind", ["broken_json", "truncated_body"])
def test_row_27_an_unreadable_answer_is_never_sent_again(running: Installation, kind: str) -> None:
    never_sent_again(running, kind)


@pytest.mark.parametrize("kind", ["accept_then_drop", "drop"])
def test_row_28_the_client_library_does_not_send_again_by_itself(
    running: Installation, kind: str
) -> None:
    never_sent_again(running, kind)


def test_row_25_a_provider_that_hangs_is_not_asked_twice(installation: Installation) -> None:
    installation.all(BACKBURNER_SUBMIT_TIMEOUT="1")
    installation.fault("hang", "create", seconds=5)

    task = installation.until(installation.submit("Hello?")["id"], "unconfirmed")

    assert installation.fired("hang") == 1
    assert len(installation.posts(task["id"])) == 1


def test_row_26_a_refused_connection_is_proof_enough_to_try_again(
    installation: Installation,
) -> None:
    installation.valkey()
    port = free_port()
    installation.simulator_url = f"http://127.0.0.1:{port}"
    installation.poller()
    installation.api()
    task_id = installation.submit("Anybody home?")["id"]
    eventually(
        lambda: "submission_retry_scheduled" in installation.processes[1].output, "one refused try"
    )
    assert installation.task(task_id)["status"] == "queued"

    installation.simulator(port)

    assert installation.ended(task_id)["status"] == "completed"
    assert len(installation.posts(task_id)) == 1


def test_row_23_rate_limiting_is_honoured_by_a_delayed_job(running: Installation) -> None:
    """Left to itself it would be tried again after two seconds."""
    running.fault("rate_limited", "create", retry_after=4)
    task = running.ended(running.submit("Too fast?")["id"])

    assert task["status"] == "completed"
    assert running.fired("rate_limited") == 1
    refused, taken = running.posts(task["id"])
    assert (refused["status"], taken["status"]) == (429, 200)
    assert taken["received_at"] - refused["received_at"] >= 4


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("bad_key", "bad_key"),
        pytest.param("quota", "quota", marks=pytest.mark.slow),
        pytest.param("model_retired", "model_retired", marks=pytest.mark.slow),
    ],
)
def test_row_45_what_no_task_could_pass_pauses_all_and_loses_none(
    installation: Installation, kind: str, reason: str
) -> None:
    running = installation.all()
    running.fault(kind, "create", times=1)
    task_id = running.submit("Will this be paid?")["id"]
    paused = eventually(
        lambda: task if (task := running.task(task_id))["paused"] else None, "the task is paused"
    )

    assert (paused["status"], paused["paused"]) == ("queued", reason)
    ready = http.get(f"{running.api_url}/readyz").json()
    assert (ready["status"], ready["paused"]["reason"]) == ("ready", reason)
    metrics = http.get(f"{running.api_url}/metrics").text
    assert f'backburner_submission_paused{{reason="{reason}"}} 1.0' in metrics
    later = running.submit("And this?")["id"]
    eventually(lambda: running.task(later)["paused"] == reason, "the next task waits too")
    assert running.fired(kind) == 1
    assert len(running.posts(later)) == 0


def test_row_29_a_404_in_mid_run_is_no_end(running: Installation) -> None:
    running.fault("not_found", "retrieve", times=1)
    task = running.ended(running.submit("Still there?")["id"])

    assert task["status"] == "completed"
    assert running.fired("not_found") == 1


def test_row_29_a_response_that_stays_unknown_ends_the_task(running: Installation) -> None:
    task = running.until(running.submit("Gone? [simulate: takes 60 s]")["id"], "in_progress")
    response = f"{running.simulator_url}/v1/responses/{task['response_id']}"
    http.delete(response, headers={"Authorization": "Bearer sk-simulator"}).raise_for_status()

    task = running.ended(task["id"])

    assert (task["status"], task["error"]["code"]) == ("failed", "response_not_found")
    assert task["polls"] >= 2


@pytest.mark.parametrize(
    "kind", ["error", "broken_json", "drop", "rate_limited", "truncated_body", "forbidden"]
)
def test_row_31_no_failure_of_a_poll_ends_a_task(running: Installation, kind: str) -> None:
    running.fault(kind, "retrieve", times=3)
    task = running.ended(running.submit("Are you well?")["id"])

    assert task["status"] == "completed"
    assert running.fired(kind) == 3
    assert len(running.posts(task["id"])) == 1


def test_row_30_what_never_ends_is_stopped_at_the_deadline(installation: Installation) -> None:
    installation.all(BACKBURNER_DEADLINE="1")

    task = installation.ended(installation.submit("Why? [simulate: never ends]")["id"])

    assert (task["status"], task["error"]["code"]) == ("failed", "deadline_exceeded")
    (post,) = installation.posts(task["id"])
    assert post["cancels"] >= 1


@pytest.mark.slow
def test_row_30_a_cancel_that_fails_at_the_deadline_is_tried_again(
    installation: Installation,
) -> None:
    installation.all(BACKBURNER_DEADLINE="1")
    installation.fault("error", "cancel", times=2)

    task = installation.ended(installation.submit("Why? [simulate: never ends]")["id"])

    assert task["error"]["code"] == "deadline_exceeded"
    eventually(
        lambda: installation.fired("error") == 2 and installation.posts(task["id"])[0]["cancels"],
        "the cancel gets through",
    )


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ("incomplete", "incomplete", "max_output_tokens"),
        ("content filter", "incomplete", "content_filter"),
        ("failed", "failed", "server_error"),
        ("cancelled", "cancelled", None),
        ("late quota", "failed", "insufficient_quota"),
        ("empty", "completed", None),
        ("null usage", "completed", None),
        ("refusal", "completed", None),
        ("unknown status", "completed", None),
    ],
)
def test_row_31_every_end_is_told_as_it_is(
    running: Installation, words: str, status: str, code: str | None
) -> None:
    task = running.ended(running.submit(f"What is a sonnet? [simulate: {words}]")["id"])

    assert task["status"] == status
    assert (task["error"] or {}).get("code") == code
    assert len(running.posts(task["id"])) == 1


def test_row_32_a_huge_answer_is_not_kept_and_holds_up_nobody(running: Installation) -> None:
    huge = running.submit("All of it [simulate: huge 50 MB]")["id"]
    small = running.submit("A little")["id"]

    assert running.ended(small)["status"] == "completed"
    task = running.ended(huge)

    assert (task["status"], task["error"]["code"]) == ("failed", "answer_too_large")
    assert running.ended(running.submit("And after?")["id"])["status"] == "completed"


@pytest.mark.slow
def test_row_45_tasks_go_on_by_themselves_once_it_is_mended(installation: Installation) -> None:
    """A poller with a wrong key, then one with the right one: nothing is lost or sent twice."""
    installation.valkey()
    installation.simulator()
    wrong = installation.poller(OPENAI_API_KEY="sk-wrong")
    installation.api()
    task_id = installation.submit("Is the key good?")["id"]
    eventually(lambda: installation.task(task_id)["paused"] == "bad_key", "the task is paused")
    assert "401" in wrong.output
    assert "sk-wrong" not in wrong.output
    wrong.stop()

    installation.poller()

    task = installation.ended(task_id, 90)
    assert (task["status"], task["paused"]) == ("completed", None)
    assert [post["status"] for post in installation.posts(task_id)].count(200) == 1
