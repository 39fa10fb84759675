"""The provider's events may come twice, again, too early or in any order: a task ends once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from tests.harness import Installation, eventually

pytestmark = pytest.mark.integration

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KINDS = ("completed", "failed", "incomplete", "cancelled")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Polls are ten minutes apart, so nothing but an event brings an end; a POST takes 2 s."""
    with Installation(tmp_path_factory.mktemp("webhooks")) as place:
        place.valkey()
        place.simulator(BACKBURNER_SIMULATOR_CREATE_SECONDS="2")
        place.poller(BACKBURNER_POLL_INTERVAL="600")
        place.api(OPENAI_WEBHOOK_SECRET=SECRET)
        yield place


def event(kind: str, response_id: str, event_id: str = "evt_1") -> dict[str, Any]:
    """A signed request."""
    body = json.dumps({"id": event_id, "type": f"response.{kind}", "data": {"id": response_id}})
    time = datetime.now(UTC)
    signature = Webhook(SECRET).sign(event_id, time, body)
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(time.timestamp())),
        "webhook-signature": signature,
    }
    return {"content": body, "headers": headers}


def send(place: Installation, request: dict[str, Any], times: int = 1) -> None:
    for _ in range(times):
        reply = httpx.post(f"{place.api_url}/v1/webhooks/openai", **request)
        assert reply.status_code == 204


def response_of(place: Installation, task_id: str) -> str:
    """The response that the provider has made, whether the task knows it yet or not."""
    (post,) = eventually(lambda: place.posts(task_id), "posted")
    return str(post["response_id"])


def settled(place: Installation, task_id: str) -> dict[str, Any]:
    """The task once no job is left that an event could have brought."""
    eventually(lambda: not place.store.keys("arq:job:webhook:*"), "all events are heard")
    return place.task(task_id)


def test_replayed_and_reordered_events_change_nothing_any_more(place: Installation) -> None:
    task_id = place.submit("Why?")["id"]
    place.until(task_id, "in_progress")
    response_id = response_of(place, task_id)
    captured = event("completed", response_id)
    send(place, captured)
    before = place.ended(task_id)
    assert before["status"] == "completed"
    send(place, captured, times=20)
    for number, kind in enumerate(reversed(KINDS)):
        send(place, event(kind, response_id, f"evt_late_{number}"), times=2)
    assert settled(place, task_id) == before
    assert len(place.posts(task_id)) == 1


def test_an_event_that_comes_too_early_is_only_a_look_too_many(place: Installation) -> None:
    task_id = place.submit("Why? [simulate: takes 9 s]")["id"]
    place.until(task_id, "in_progress")
    response_id = response_of(place, task_id)
    send(place, event("failed", response_id), times=3)
    early = settled(place, task_id)
    assert (early["status"], early["error"]) == ("in_progress", None)

    def over() -> bool:
        url = f"{place.simulator_url}/v1/responses/{response_id}"
        reply = httpx.get(url, headers={"Authorization": "Bearer sk-simulator"})
        return bool(reply.json()["status"] == "completed")

    eventually(over, "the response has ended")
    send(place, event("completed", response_id, "evt_2"))
    assert place.ended(task_id)["status"] == "completed"


def test_an_event_that_comes_while_its_task_is_being_sent_waits_for_it(
    place: Installation,
) -> None:
    task_id = place.submit("Why so soon?")["id"]
    response_id = response_of(place, task_id)
    assert place.task(task_id)["status"] == "submitting"
    send(place, event("completed", response_id))
    task = place.ended(task_id)
    assert (task["status"], task["response_id"]) == ("completed", response_id)
    assert len(place.posts(task_id)) == 1


def test_an_event_that_nobody_signed_brings_no_look_at_all(place: Installation) -> None:
    task_id = place.submit("Why?")["id"]
    polls = place.until(task_id, "in_progress")["polls"]
    request = event("completed", response_of(place, task_id))
    request["content"] = request["content"].replace("evt_1", "evt_2")
    reply = httpx.post(f"{place.api_url}/v1/webhooks/openai", **request)
    assert reply.status_code == 401
    assert settled(place, task_id)["polls"] == polls
