"""What leads a task out of uncertainty, and what a person's own end costs after all."""

from typing import Any

import httpx
import pytest

from tests.harness import Installation, eventually, http

pytestmark = pytest.mark.integration

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def act(place: Installation, task_id: str, action: str, **body: Any) -> httpx.Response:
    return http.post(f"{place.api_url}/v1/tasks/{task_id}/{action}", json=body or None)


def unconfirmed(place: Installation, question: str = "Is it there?") -> tuple[str, str]:
    """A task whose answer to the POST was lost, and the id that it has at the provider."""
    place.fault("accept_then_drop", "create")
    task_id = place.until(place.submit(question)["id"], "unconfirmed")["id"]
    (post,) = place.posts(task_id)
    return task_id, post["response_id"]


def test_a_response_that_is_the_tasks_own_is_adopted_and_its_answer_kept(
    running: Installation,
) -> None:
    task_id, response_id = unconfirmed(running)

    reply = act(running, task_id, "adopt", response_id=response_id)

    assert (reply.status_code, reply.json()["adopting"]) == (202, response_id)
    task = running.ended(task_id)
    assert (task["status"], task["response_id"], task["error"]) == ("completed", response_id, None)
    assert len(running.posts(task_id)) == 1


def test_a_response_of_another_task_is_refused_with_the_reason(running: Installation) -> None:
    task_id, _ = unconfirmed(running)
    other = running.ended(running.submit("Another one")["id"])

    act(running, task_id, "adopt", response_id=other["response_id"])

    task = eventually(
        lambda: now if (now := running.task(task_id))["adopting"] is None else None, "checked"
    )
    assert (task["status"], task["error"]["code"]) == ("unconfirmed", "unconfirmed")
    assert "no answer came back" in task["error"]["message"]
    assert other["id"] in task["adoption_refused"]


def test_a_response_that_nobody_knows_is_refused(running: Installation) -> None:
    task_id, _ = unconfirmed(running)

    act(running, task_id, "adopt", response_id="resp_never_was")

    task = eventually(
        lambda: now if (now := running.task(task_id))["adopting"] is None else None, "checked"
    )
    assert "has no response resp_never_was" in task["adoption_refused"]


def test_sending_again_makes_one_new_task_however_often_it_is_asked(running: Installation) -> None:
    task_id, _ = unconfirmed(running)

    replies = [act(running, task_id, "retry") for _ in range(3)]

    assert {reply.status_code for reply in replies} == {202}
    (successor,) = {reply.json()["id"] for reply in replies}
    assert running.ended(successor)["retry_of"] == task_id
    old = running.task(task_id)
    assert (old["status"], old["error"]["code"]) == ("failed", "superseded")
    assert successor in old["error"]["message"]
    assert [len(running.posts(each)) for each in (task_id, successor)] == [1, 1]


def test_what_is_given_up_is_never_sent_again(running: Installation) -> None:
    task_id, _ = unconfirmed(running)

    assert act(running, task_id, "abandon").status_code == 200

    task = running.task(task_id)
    assert (task["status"], task["error"]["code"]) == ("failed", "abandoned")
    assert act(running, task_id, "adopt", response_id="resp_1").status_code == 409
    assert len(running.posts(task_id)) == 1


def test_cancelling_stops_it_at_the_provider_too(running: Installation) -> None:
    task_id = running.submit("Long wait [simulate: takes 60 s]")["id"]
    response_id = running.until(task_id, "in_progress")["response_id"]

    assert act(running, task_id, "cancel").json()["status"] == "cancelled"

    there = f"{running.simulator_url}/v1/responses/{response_id}"
    headers = {"Authorization": "Bearer sk-simulator"}
    eventually(
        lambda: http.get(there, headers=headers).json()["status"] == "cancelled", "stopped there"
    )
    assert act(running, task_id, "cancel").json()["status"] == "cancelled"


def test_what_was_cancelled_and_completes_all_the_same_is_kept_with_its_cost(
    running: Installation,
) -> None:
    task_id = running.submit("Too late [simulate: completes after cancel, takes 2 s]")["id"]
    running.until(task_id, "in_progress")

    act(running, task_id, "cancel")

    # The record is read before the texts, so an answer may be seen a moment before its record.
    eventually(lambda: running.task(task_id)["provider_status"] == "completed", "a late answer")
    task = running.task(task_id)
    assert task["status"] == "cancelled"
    assert task["output_text"]
    assert task["cost_usd"] > 0


def test_a_task_cancelled_while_it_is_sent_is_stopped_once_its_id_is_known(
    running: Installation,
) -> None:
    running.fault("accept_then_hang", "create", seconds=1.5)
    task_id = running.submit("Stop! [simulate: takes 60 s]")["id"]
    running.until(task_id, "submitting")

    assert act(running, task_id, "cancel").json()["status"] == "cancelled"

    task = eventually(
        lambda: now if (now := running.task(task_id))["response_id"] else None, "its id is kept"
    )
    assert task["status"] == "cancelled"
    (post,) = running.posts(task_id)
    assert post["response_id"] == task["response_id"]
    eventually(lambda: running.posts(task_id)[0]["cancels"] == 1, "it is stopped there")


def test_a_webhook_attaches_a_response_whose_id_was_lost(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.api(OPENAI_WEBHOOK_SECRET=SECRET)
    installation.simulator(
        OPENAI_WEBHOOK_SECRET=SECRET,
        BACKBURNER_SIMULATOR_WEBHOOK_URL=f"{installation.api_url}/v1/webhooks/openai",
        BACKBURNER_SIMULATOR_RUN_SECONDS="2",
    )
    installation.poller()

    task_id, response_id = unconfirmed(installation)

    task = installation.ended(task_id)
    assert (task["status"], task["response_id"]) == ("completed", response_id)
    assert len(installation.posts(task_id)) == 1
