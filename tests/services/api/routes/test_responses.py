"""Clients of OpenAI's Responses API find their tasks here as responses."""

from typing import Any

import httpx
import orjson
import pytest

from shared.domain import changes
from shared.domain.tombstone import DeletionOutcome
from shared.openai.model import ACTIVE
from shared.openai.request import build
from shared.store import TaskDeletion, clock
from tests.services.api.conftest import Service

QUESTION = {"model": ACTIVE.name, "input": "Why is the sky blue?", "background": True}
USER = {"role": "user", "content": [{"type": "input_text", "text": "Why is the sky blue?"}]}
ANSWER = {
    "id": "resp_theirs",
    "object": "response",
    "status": "completed",
    "model": "gpt-5-pro-2025-10-06",
    "created_at": 1765339742,
    "billing": {"payer": "developer"},
    "metadata": {"task_id": "kept by OpenAI"},
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [
                {"type": "output_text", "text": "Because.", "annotations": [], "logprobs": []}
            ],
        },
    ],
}
UNKNOWN = f"resp_{0:032}"


async def create(service: Service, headers: Any = (), **body: Any) -> dict[str, Any]:
    reply = await service.http.post("/v1/responses", json=QUESTION | body, headers=headers)
    assert reply.status_code == 200, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


async def conversation(service: Service, shown: dict[str, Any]) -> Any:
    return orjson.loads(await service.store.conversation(shown["metadata"]["task_id"]))


def refused(reply: httpx.Response, status: int = 400) -> str | None:
    """The parameter that a refusal names, in OpenAI's form."""
    assert reply.status_code == status, reply.text
    error = reply.json()["error"]
    assert error["message"]
    assert error["type"] == "invalid_request_error"
    param: str | None = error["param"]
    return param


async def test_a_response_is_a_task_with_the_same_digits(service: Service) -> None:
    shown = await create(service, metadata={"ticket": "7"})
    task_id = shown["metadata"]["task_id"]
    assert shown["id"] == task_id.replace("task_", "resp_")
    assert (shown["object"], shown["status"], shown["output"]) == ("response", "queued", [])
    assert shown["metadata"] == {"task_id": task_id, "ticket": "7"}
    assert (await service.http.get(f"/v1/tasks/{task_id}")).json()["input"] == [USER]
    assert (await service.http.get(f"/v1/responses/{shown['id']}")).json() == shown


async def test_the_fixed_request_may_be_given_whole_and_the_clients_task_id_is_kept(
    service: Service,
) -> None:
    """Also by another Backburner, whose provider this one is."""
    reply = await service.http.post("/v1/responses", json=build([USER], "task_theirs"))
    assert reply.json()["metadata"] == {"task_id": "task_theirs"}
    assert reply.json()["backburner"]["task_id"].startswith("task_")


@pytest.mark.parametrize(
    "body",
    [
        {"tools": [], "text": {}, "reasoning": {"summary": None, "effort": None}},
        {"temperature": 1.0, "top_p": 1, "top_logprobs": 0, "truncation": "disabled"},
        {"tool_choice": "auto", "parallel_tool_calls": True, "service_tier": "auto"},
        {"include": ["reasoning.encrypted_content"], "user": "me", "prompt_cache_key": "k"},
        {"max_output_tokens": None, "conversation": None, "metadata": None, "model": None},
    ],
)
async def test_what_changes_nothing_is_accepted(body: Any, service: Service) -> None:
    assert await conversation(service, await create(service, **body)) == [USER]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"store": True}, "store"),
        ({"store": False}, "store"),
        ({"store": None}, "store"),
        ({"model": "gpt-4o"}, "model"),
        ({"tools": [{"type": "function", "name": "f"}]}, "tools"),
        ({"tools": [{"type": "web_search"}]}, "tools"),
        ({"text": {"format": {"type": "json_schema"}}}, "text"),
        ({"text": {"verbosity": "low"}}, "text"),
        ({"reasoning": {"effort": "low"}}, "reasoning"),
        ({"temperature": 0.2}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"max_output_tokens": 100}, "max_output_tokens"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"seed": 1}, "seed"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"metadata": {str(number): "" for number in range(17)}}, "metadata"),
        ({"previous_response_id": "resp_theirs"}, "previous_response_id"),
        ({"previous_response_id": UNKNOWN}, "previous_response_id"),
        ({"input": []}, "input"),
        ({"input": None}, "input"),
        ({"input": [{"role": "assistant", "content": "Hello."}]}, "input[0].role"),
        ({"input": [{"type": "reasoning"}, {"role": "user", "content": " "}]}, "input[1].content"),
        ({"input": [{"type": "function_call", "name": "f"}]}, "input[0]"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image"}]}]},
            "input[0].content[0]",
        ),
    ],
)
async def test_what_would_change_the_answer_is_refused_by_name(
    body: Any, param: str, service: Service
) -> None:
    reply = await service.http.post("/v1/responses", json=QUESTION | body)
    assert refused(reply) == param
    assert await service.size() == 0


async def test_an_earlier_output_can_be_sent_back_and_only_its_text_is_kept(
    service: Service,
) -> None:
    given = [
        {"role": "system", "content": "Be brief."},
        USER,
        *ANSWER["output"],  # type: ignore[misc] -- a list
        {"type": "web_search_call", "id": "ws_1", "action": {"type": "search"}},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {"role": "user", "content": "Why?", "type": "message"},
    ]
    assert await conversation(service, await create(service, input=given)) == [
        {"role": "developer", "content": [{"type": "input_text", "text": "Be brief."}]},
        USER,
        {"role": "assistant", "content": [{"type": "output_text", "text": "Because."}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "No."}]},
        {"role": "user", "content": [{"type": "input_text", "text": "Why?"}]},
    ]


async def test_a_previous_response_is_continued_without_its_instructions(
    service: Service,
) -> None:
    first = await create(service, instructions="Be a pirate.")
    assert [each["role"] for each in await conversation(service, first)] == ["developer", "user"]
    followed = {"previous_response_id": first["id"], "input": "And at night?"}
    assert refused(await service.http.post("/v1/responses", json=followed)) == (
        "previous_response_id"
    )
    await service.completed(first["metadata"]["task_id"], orjson.dumps(ANSWER))

    second = await create(service, **followed, instructions="Be a poet.")

    assert second["previous_response_id"] == first["id"]
    texts = [each["content"][0]["text"] for each in await conversation(service, second)]
    assert texts == ["Be a poet.", "Why is the sky blue?", "Because.", "And at night?"]
    task = (await service.http.get(f"/v1/tasks/{second['metadata']['task_id']}")).json()
    assert task["parent_id"] == first["metadata"]["task_id"]


async def test_openais_object_is_served_whole_under_our_id(service: Service) -> None:
    shown = await create(service, metadata={"ticket": "7"})
    task_id = shown["metadata"]["task_id"]
    await service.submitted(task_id)
    running = (await service.http.get(f"/v1/responses/{shown['id']}")).json()
    assert running["status"] == "in_progress"
    task = await service.task(task_id)
    ending = changes.TaskResult(
        task.status.COMPLETED, provider_status="completed", response=orjson.dumps(ANSWER)
    )
    assert await service.store.apply(changes.finish(task, ending, polled=True))

    ended = (await service.http.get(f"/v1/responses/{shown['id']}")).json()

    ours = {"id": shown["id"], "metadata": {"task_id": task_id, "ticket": "7"}}
    assert ended | ANSWER | ours == ended
    assert ended["backburner"] == {"task_id": task_id, "status": "completed", "paused": None}


async def test_an_object_without_a_list_of_output_does_not_break_the_sdks(
    service: Service,
) -> None:
    shown = await create(service)
    await service.completed(shown["metadata"]["task_id"], b'{"output":null,"status":"completed"}')
    ended = (await service.http.get(f"/v1/responses/{shown['id']}")).json()
    assert (ended["output"], ended["status"], ended["model"]) == ([], "completed", ACTIVE.name)


async def test_unconfirmed_is_in_progress_with_our_word_beside_it(service: Service) -> None:
    shown = await create(service)
    task_id = shown["metadata"]["task_id"]
    claimed = await service.store.apply(changes.claim(await service.task(task_id), "token", 60_000))
    assert claimed
    sending = (await service.http.get(f"/v1/responses/{shown['id']}")).json()
    assert (sending["status"], sending["backburner"]["status"]) == ("queued", "submitting")
    assert await service.store.apply(changes.mark_unconfirmed(claimed, "no answer"))
    unconfirmed = (await service.http.get(f"/v1/responses/{shown['id']}")).json()
    assert unconfirmed["status"] == "in_progress"
    assert unconfirmed["backburner"]["status"] == "unconfirmed"


async def test_a_task_that_we_failed_says_why(service: Service) -> None:
    shown = await create(service)
    task_id = shown["metadata"]["task_id"]
    await service.submitted(task_id)
    late = changes.fail(await service.task(task_id), "deadline_exceeded", "Too late.", 25_000)
    assert await service.store.apply(late)
    failed = (await service.http.get(f"/v1/responses/{shown['id']}")).json()
    assert failed["status"] == "failed"
    assert failed["error"] == {"code": "deadline_exceeded", "message": "Too late."}


async def test_cancelling_twice_is_once_and_a_wrong_state_is_a_400(service: Service) -> None:
    """The SDKs would repeat a request that is answered with 409."""
    path = f"/v1/responses/{(await create(service))['id']}"
    assert refused(await service.http.delete(path)) == "response_id"
    for _ in range(2):
        reply = await service.http.post(f"{path}/cancel")
        assert (reply.status_code, reply.json()["status"]) == (200, "cancelled")
    other = await create(service)
    await service.completed(other["metadata"]["task_id"])
    refusal = await service.http.post(f"/v1/responses/{other['id']}/cancel")
    assert refused(refusal) == "response_id"


async def test_deleting_waits_for_the_poller_and_afterwards_nothing_is_there(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await create(service)
    task_id, path = shown["metadata"]["task_id"], f"/v1/responses/{shown['id']}"
    await service.completed(task_id)
    monkeypatch.setattr("services.api.routes.responses.DELETION_WAIT_S", 0.05)
    async with service.broadcaster() as broadcaster:
        client = service.client(broadcaster=broadcaster)
        pending = await client.delete(path)
        assert (pending.status_code, pending.json()["deleted"]) == (202, False)
        task = await service.task(task_id)
        assert await service.store.delete(TaskDeletion(task, DeletionOutcome.DELETED))
        for method, suffix in (("GET", ""), ("DELETE", ""), ("POST", "/cancel")):
            gone = await client.request(method, path + suffix)
            assert refused(gone, 404) is None
            assert gone.json()["error"]["message"] == f"Response with id '{shown['id']}' not found."


async def test_input_items_come_in_pages_the_last_one_first(service: Service) -> None:
    messages = [{"role": "user", "content": str(number)} for number in range(5)]
    path = f"/v1/responses/{(await create(service, input=messages))['id']}/input_items"
    first = (await service.http.get(path, params={"limit": 3})).json()
    assert [item["content"][0]["text"] for item in first["data"]] == ["4", "3", "2"]
    assert (first["object"], first["has_more"]) == ("list", True)
    rest = (await service.http.get(path, params={"limit": 3, "after": first["last_id"]})).json()
    assert [item["content"][0]["text"] for item in rest["data"]] == ["1", "0"]
    assert not rest["has_more"]
    assert refused(await service.http.get(path, params={"after": "msg_other"})) == "after"


async def test_the_model_is_listed_and_no_other_exists(service: Service) -> None:
    listed = (await service.http.get("/v1/models")).json()
    assert [model["id"] for model in listed["data"]] == [ACTIVE.name]
    assert (await service.http.get(f"/v1/models/{ACTIVE.name}")).json() == listed["data"][0]
    reply = await service.http.get("/v1/models/gpt-4o")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize("id_", [UNKNOWN, "resp_theirs", "x" * 500, "task_" + "0" * 32])
async def test_an_unknown_id_is_not_found(id_: str, service: Service) -> None:
    for method, suffix in (("GET", ""), ("GET", "/input_items"), ("POST", "/cancel")):
        reply = await service.http.request(method, f"/v1/responses/{id_}{suffix}")
        assert refused(reply, 404) is None


async def test_a_key_stands_for_one_request_on_every_address(service: Service) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await create(service, headers)
    assert await create(service, headers) == first
    other = await service.http.post("/v1/responses", json={"input": "Else"}, headers=headers)
    assert refused(other) == "Idempotency-Key"
    same = {"input": QUESTION["input"]}
    task = (await service.http.post("/v1/tasks", json=same, headers=headers)).json()
    assert task["id"] == first["metadata"]["task_id"]


RETRY = {"x-stainless-retry-count": "1"}
FIRST = {"x-stainless-retry-count": "0"}


async def test_a_marked_retry_joins_the_newest_task_with_the_same_body(service: Service) -> None:
    """And the same body alone joins nothing."""
    older, newer = await create(service, FIRST), await create(service, FIRST)
    assert older["id"] != newer["id"]
    assert (await create(service, RETRY))["id"] == newer["id"]
    assert (await create(service, RETRY, input="Else"))["id"] != newer["id"]
    assert (await create(service))["id"] not in (older["id"], newer["id"])


async def test_a_first_attempt_that_comes_after_its_retry_joins_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It arrived first, but its write was held up; a request that arrives later makes a task."""
    insert = type(service.store).insert
    begun, joined = [], []

    async def late(store: Any, acceptance: Any) -> Any:
        begun.append(acceptance)
        if len(begun) == 1:
            joined.append(await create(service, RETRY))
        return await insert(store, acceptance)

    monkeypatch.setattr(type(service.store), "insert", late)
    first = await create(service, FIRST)
    assert first["id"] == joined[0]["id"]
    began = await clock.now(service.redis)
    while await clock.now(service.redis) == began:
        pass
    assert (await create(service, FIRST))["id"] != first["id"]


async def test_after_35_minutes_without_a_client_a_retry_is_a_request_of_its_own(
    service: Service,
) -> None:
    first = await create(service)
    (key,) = await service.redis.keys("backburner:same_body:*")
    assert 34 * 60_000 < await service.redis.pttl(key) <= 35 * 60_000
    await service.redis.delete(key)
    assert (await create(service, RETRY))["id"] != first["id"]


@pytest.mark.parametrize(
    ("headers", "advice"), [({}, "false"), (FIRST, None), ({"Idempotency-Key": "k"}, None)]
)
async def test_a_client_whose_retry_would_pay_twice_is_told_not_to_retry(
    headers: Any, advice: str | None, service: Service
) -> None:
    service.server.connected = False
    reply = await service.http.post("/v1/responses", json=QUESTION, headers=headers)
    assert (reply.status_code, reply.headers.get("x-should-retry")) == (503, advice)
    assert reply.json()["error"]["type"] == "server_error"
