"""An answer is kept wherever it arrives, though the provider has it no more a moment later."""

from typing import Any

import pytest

from tests.harness import Installation, http

pytestmark = pytest.mark.integration

ANSWER = "The answer."


def answered(response_id: str, **fields: Any) -> dict[str, Any]:
    message = {"type": "message", "content": ANSWER}
    usage = {"input_tokens": 1_000, "output_tokens": 1_000}
    return {
        "id": response_id,
        "status": "completed",
        "model": "gpt-5-pro",
        "output": [message],
        "usage": usage,
    } | fields


def test_a_reply_to_the_post_that_is_the_answer_already_is_kept(running: Installation) -> None:
    running.fault("another_body", "create", body=answered("litellm_poll_a.b="))
    task = running.ended(running.submit("At once?")["id"])
    assert running.fired("another_body") == 1
    assert (task["status"], task["output_text"], task["polls"]) == ("completed", ANSWER, 0)
    assert (task["response_id"], task["cost_usd"]) == ("litellm_poll_a.b=", 0.135)
    reply = http.get(f"{running.api_url}/v1/tasks/{task['id']}/answer")
    assert (reply.status_code, reply.text) == (200, ANSWER)


def test_a_named_response_that_has_ended_is_kept(running: Installation) -> None:
    running.fault("accept_then_drop", "create")
    unsure = running.until(running.submit("Lost?")["id"], "unconfirmed")
    body = answered("resp_x", metadata={"task_id": unsure["id"]})
    running.fault("another_body", "retrieve", body=body)
    adopt = {"response_id": "resp-x:1"}
    http.post(f"{running.api_url}/v1/tasks/{unsure['id']}/adopt", json=adopt).raise_for_status()
    task = running.ended(unsure["id"])
    assert (task["status"], task["output_text"]) == ("completed", ANSWER)
    assert len(running.posts(task["id"])) == 1
