"""The response of another task, returned by a gateway, is neither shown nor stopped."""

from http import HTTPStatus
from typing import Any

import pytest

from tests.harness import Installation, eventually, http

pytestmark = pytest.mark.integration


def at_provider(place: Installation, response_id: str) -> dict[str, Any]:
    url = f"{place.simulator_url}/v1/responses/{response_id}"
    shown = http.get(url, headers={"Authorization": "Bearer sk-simulator"})
    assert shown.is_success, shown.text
    return dict(shown.json())


def test_the_response_of_another_task_is_neither_shown_nor_stopped(running: Installation) -> None:
    others = running.submit("A secret of Bob [simulate: takes 60 s]")["id"]
    response_id = running.until(others, "in_progress")["response_id"]
    done = running.ended(running.submit("Another secret of Bob")["id"])
    running.fault("another_body", "create", body=at_provider(running, response_id))

    doubtful = running.until(running.submit("Mine?")["id"], "unconfirmed")

    assert "belongs to another task" in doubtful["error"]["message"]
    assert doubtful["response_id"] is None
    cancelled = http.post(f"{running.api_url}/v1/tasks/{doubtful['id']}/cancel")
    assert response_id not in cancelled.text

    running.fault("another_body", "retrieve", 3, body=at_provider(running, done["response_id"]))
    mine = running.ended(running.submit("And this?")["id"])
    assert running.fired("another_body") == 4
    assert mine["status"] == "completed"
    assert mine["output_text"] != done["output_text"]
    running.until(others, "in_progress")
    assert running.posts(others)[0]["cancels"] == 0
    pollers = [process for process in running.processes if process.name == "poller"]
    eventually(
        lambda: any("another_task" in poller.output for poller in pollers),
        "the log names the reason",
    )


def test_an_id_of_another_task_in_a_reply_without_metadata_stops_and_deletes_nothing(
    running: Installation,
) -> None:
    others = running.submit("Bob's own [simulate: takes 60 s]")["id"]
    body = at_provider(running, running.until(others, "in_progress")["response_id"])
    running.fault("another_body", "create", body=body | {"metadata": None})
    mine = running.submit("Mine?")["id"]
    doubtful = running.until(mine, "unconfirmed")
    assert "belongs to another task" in doubtful["error"]["message"]
    assert body["id"] not in str(doubtful)

    http.post(f"{running.api_url}/v1/tasks/{mine}/cancel").raise_for_status()
    http.delete(f"{running.api_url}/v1/tasks/{mine}").raise_for_status()
    deleted = eventually(lambda: _receipt(running, mine), "it is deleted")

    assert deleted["provider"]["outcome"] == "unknown"
    assert running.posts(others)[0]["cancels"] == 0
    running.until(others, "in_progress")


def _receipt(place: Installation, task_id: str) -> dict[str, Any] | None:
    reply = http.delete(f"{place.api_url}/v1/tasks/{task_id}")
    return dict(reply.json()) if reply.status_code == HTTPStatus.OK else None
