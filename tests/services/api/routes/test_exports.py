"""What is taken away can be handed in again, in either form, and is the same conversation."""

from asyncio import Future
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from starlette.types import Message

from services.api.tasks.conversation import conversation_errors
from shared.store import Store
from tests.services.api.conftest import Service
from tests.services.api.sse_client import get
from tests.services.api.transcript.examples import conversations

MARKDOWN = {"Content-Type": "text/markdown"}
ANSWER = "Because.\n\n<!-- backburner: user -->\nNot really."
CITATION = {"url": "https://example.org", "title": "One", "start_index": 0, "end_index": 3}
MESSAGE = {"type": "message", "content": [{"text": ANSWER, "annotations": [CITATION]}]}
RESPONSE = orjson.dumps({"output": [MESSAGE]})


async def exported(client: httpx.AsyncClient, path: str, accept: str = "*/*") -> httpx.Response:
    reply = await client.get(f"/v1/tasks/{path}/export", headers={"Accept": accept})
    assert reply.status_code == 200, reply.text
    assert "Accept" in reply.headers["vary"].split(", ")
    return reply


async def test_json_is_everything_of_the_task_as_a_body_to_hand_in(service: Service) -> None:
    parent = await service.submit("Why?")
    task_id = (await service.submit("And how?", title="How", parent_id=parent["id"]))["id"]
    await service.completed(task_id, RESPONSE)
    task = (await service.http.get(f"/v1/tasks/{task_id}")).json()
    reply = await exported(service.http, task_id)
    assert reply.headers["content-type"] == "application/json"
    handed = {name: task.pop(name) for name in ("title", "parent_id", "input")}
    assert reply.json() == handed | {"export": {"format": "backburner/1", **task}}
    assert task["output_text"] == ANSWER

    again = await service.http.post("/v1/tasks", json=reply.json())
    assert again.status_code == 202, again.text
    assert {name: again.json()[name] for name in handed} == handed
    assert again.json()["id"] != task_id


async def test_markdown_with_a_question_after_it_is_a_follow_up(service: Service) -> None:
    task = await service.submit("Why?")
    await service.completed(task["id"], RESPONSE)
    reply = await exported(service.http, task["id"], "text/markdown")
    followed = await service.http.post(
        "/v1/tasks",
        params={"parent_id": task["id"], "title": "On"},
        content=reply.content + b"<!-- backburner: user -->\nAnd how?\n",
        headers=MARKDOWN,
    )
    assert followed.status_code == 202, followed.text
    body = followed.json()
    assert (body["title"], body["parent_id"]) == ("On", task["id"])
    assert [(turn["role"], turn["content"][0]["text"]) for turn in body["input"]] == [
        ("user", "Why?"),
        ("assistant", ANSWER),
        ("user", "And how?"),
    ]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    conversation=conversations().filter(lambda messages: not list(conversation_errors(messages)))
)
async def test_both_forms_round_trip(conversation: list[dict[str, Any]], service: Service) -> None:
    task = (await service.http.post("/v1/tasks", json={"input": conversation, "title": "A"})).json()
    for accept in ("application/json", "text/markdown"):
        reply = await exported(service.http, task["id"], accept)
        headers = {"Content-Type": reply.headers["content-type"]}
        again = await service.http.post("/v1/tasks", content=reply.content, headers=headers)
        assert again.status_code == 202, again.text
        assert again.json()["input"] == conversation
        assert (
            await service.http.post(f"/v1/tasks/{again.json()['id']}/cancel")
        ).status_code == 200
    await service.http.post(f"/v1/tasks/{task['id']}/cancel")


async def test_an_export_from_elsewhere_leaves_its_parent_there(client: httpx.AsyncClient) -> None:
    body = {"input": "Why?", "parent_id": f"task_{7:032}", "export": {"format": "backburner/1"}}
    for _ in range(2):
        reply = await client.post("/v1/tasks", json=body, headers={"Idempotency-Key": "k"})
        assert (reply.status_code, reply.json()["parent_id"]) == (202, None)
    assert reply.headers["idempotent-replayed"] == "true"


async def test_a_thread_is_exported_whole_and_each_task_can_be_sent(service: Service) -> None:
    first = await service.submit("Why?", title="First of all")
    await service.completed(first["id"], RESPONSE)
    second = await service.submit("And how?", parent_id=first["id"])
    name = f"first-of-all-thread-{first['id']}"

    reply = await exported(service.http, f"{second['id']}/thread")
    thread = reply.json()
    assert f'filename="{name}.json"' in reply.headers["content-disposition"]
    assert (thread["root"], thread["truncated"]) == (first["id"], False)
    assert thread["tasks"] == [
        (await exported(service.http, task["id"])).json() for task in (first, second)
    ]

    reply = await exported(service.http, f"{first['id']}/thread", "text/markdown")
    assert f'filename="{name}.md"' in reply.headers["content-disposition"]
    refused = await service.http.post("/v1/tasks", content=reply.content, headers=MARKDOWN)
    assert refused.status_code == 422
    assert "This contains 2 tasks: send one" in refused.json()["detail"]
    mark = "<!-- backburner: task -->"
    pieces = [mark + piece for piece in reply.text.split(mark)[1:]]
    for task, piece in zip((first, second), pieces, strict=True):
        again = await service.http.post("/v1/tasks", content=piece, headers=MARKDOWN)
        assert again.json()["input"] == task["input"]


async def test_a_thread_leaves_task_by_task(submit: Any, service: Any) -> None:
    """A thousand tasks of a megabyte each are never in memory together."""
    first = await submit("Why?")
    for _ in range(4):
        await submit("And how?", parent_id=first["id"])
    events: list[str] = []

    class Watched(Store):
        async def conversation(self, task_id: str) -> bytes:
            events.append("read")
            return await super().conversation(task_id)

    service.store = Watched(service.redis, "simulator", confirm=False)

    async def send(message: Message) -> None:
        if message.get("more_body") and b'"input"' in message["body"]:
            events.append("sent")

    scope = get(f"/v1/tasks/{first['id']}/thread/export")

    async def receive() -> Message:
        return await Future()  # the client stays

    await service.app()(scope, receive, send)
    assert events == ["read", "sent"] * 5


async def test_what_is_deleted_while_a_thread_leaves_is_left_out(submit: Any, service: Any) -> None:
    first = await submit("Why?")
    gone = await submit("And how?", parent_id=first["id"])
    last = await submit("And where?", parent_id=first["id"])

    class Shrinking(Store):
        async def conversation(self, task_id: str) -> bytes:
            await service.redis.delete(f"backburner:task:{gone['id']}:input")
            return await super().conversation(task_id)

    service.store = Shrinking(service.redis, "simulator", confirm=False)
    async with service.client() as client:
        thread = (await exported(client, f"{last['id']}/thread")).json()
    assert [task["export"]["id"] for task in thread["tasks"]] == [first["id"], last["id"]]


@pytest.mark.parametrize("below", ["", "/thread"])
async def test_a_form_that_is_not_had_is_refused(below: str, service: Service) -> None:
    path = f"/v1/tasks/{(await service.submit())['id']}{below}/export"
    reply = await service.http.get(path, headers={"Accept": "text/html"})
    assert (reply.status_code, reply.headers["vary"]) == (406, "Accept")
    assert "application/json, text/markdown" in reply.json()["detail"]
