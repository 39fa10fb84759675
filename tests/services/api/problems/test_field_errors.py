"""Every refusal names the field and what to do about it, and leaves nothing in the store."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.openai.model import ACTIVE
from tests.services.api.conftest import Service, problem

JSON = {"Content-Type": "application/json"}
LIMIT = 4 * 1024 * 1024


def turn(role: Any = "user", content: Any = "Why?", **more: Any) -> dict[str, Any]:
    return {"input": [{"role": role, "content": content, **more}]}


def part(kind: str, text: Any = "Why?") -> list[dict[str, Any]]:
    return [{"type": kind, "text": text}]


@pytest.mark.parametrize(
    ("body", "field", "advice"),
    [
        (
            {"input": "Why?", "model": "gpt-4"},
            "model",
            f"fixed to {ACTIVE.name}: leave this field out",
        ),
        ({"input": "Why?", "text": {}}, "text", "text format is fixed: leave"),
        ({"input": "Why?", "verbosity": "low"}, "verbosity", "verbosity cannot be chosen: leave"),
        ({"input": "Why?", "reasoning": {}}, "reasoning", "effort cannot be chosen: leave"),
        ({"input": "Why?", "store": True}, "store", "OpenAI always stores"),
        ({"input": "Why?", "background": True}, "background", "runs in background mode: leave"),
        ({"input": "Why?", "tools": []}, "tools", "fixed to web search: leave"),
        ({"input": "Why?", "colour": 1}, "colour", "Unknown field: leave this field out"),
        ({"input": "Why?", **dict.fromkeys(map(str, range(100)))}, "body", "more than 100 fields"),
        (turn(text="Why?"), "input[0].text", "Unknown field: leave this field out"),
        (turn(content=[*part("input_text"), {"model": 1}]), "input[0].content[1].model", "Unknown"),
        ({}, "input", "required"),
        ({"input": None}, "input", "Send a string or a list of messages"),
        ({"input": {}}, "input", "Send a string or a list of messages"),
        ({"input": []}, "input", "at least one user message"),
        ({"input": ["Why?"]}, "input[0]", "Send an object"),
        ({"input": [turn()["input"][0]] * 1001}, "input", "at most 1000"),
        ({"input": "  \n\t"}, "input[0].content", "no text"),
        (turn(content=""), "input[0].content", "no text"),
        (turn(content=[]), "input[0].content", "no text"),
        (turn(content=part("input_text", " ")), "input[0].content", "no text"),
        ({"input": [{"role": "user"}]}, "input[0].content", "required"),
        ({"input": [{"content": "Why?"}]}, "input[0].role", "required"),
        (turn(content=7), "input[0].content", "Send a string or a list of parts"),
        (turn(content=["Why?"]), "input[0].content[0]", "Send an object"),
        (turn(content=part("input_text", None)), "input[0].content[0].text", "Send a string"),
        (turn(role="system"), "input[0].role", "developer, user or assistant"),
        (turn(role="assistant"), "input[0].role", "must be user, not assistant"),
        (turn(role="developer"), "input[0].role", "must be user, not developer"),
        (
            turn(content=part("input_image")),
            "input[0].content[0].type",
            "input_text from developer",
        ),
        (turn(content=part("output_text")), "input[0].content[0].type", "have the type input_text"),
        (
            {"input": [*turn("assistant", part("input_text"))["input"], *turn()["input"]]},
            "input[0].content[0].type",
            "a message with the role assistant have the type output_text",
        ),
        (turn(type="reasoning"), "input[0].type", "The type of a message is message"),
        ({"input": "\ud800"}, "input", "lone surrogate"),
        (turn(content="\udfff"), "input[0].content", "lone surrogate"),
        (turn(content=part("input_text", "\ud83d")), "input[0].content[0].text", "lone surrogate"),
        (turn(role="\ud800"), "input[0].role", "lone surrogate"),
        ({"input": "Why?", "title": "\ud800"}, "title", "lone surrogate"),
        ({"input": "Why?", "title": 7}, "title", "Send a string"),
        ({"input": "Why?", "title": "x" * 201}, "title", "Send at most 200 characters"),
        ({"input": "Why?", "export": []}, "export", "Send an object"),
        ({"input": "Why?", "parent_id": "../x"}, "parent_id", "the id of a task, such as task_"),
        ({"input": "Why?", "parent_id": f"task_{0:032}"}, "parent_id", "no task with this id"),
        (None, "body", "Send a JSON object"),
        ([], "body", "Send a JSON object"),
        ("Why?", "body", "Send a JSON object"),
        (7.5, "body", "Send a JSON object"),
    ],
)
async def test_an_invalid_field_is_named(
    body: Any, field: str, advice: str, service: Service
) -> None:
    reply = await service.http.post("/v1/tasks", content=json.dumps(body), headers=JSON)
    problem = reply.json()
    assert (reply.status_code, problem["status"]) == (422, 422)
    assert reply.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "urn:backburner:problem:invalid-request"
    assert problem["title"] == "Invalid request"
    found = {error["field"]: error["message"] for error in problem["errors"]}
    assert advice in found[field]
    assert problem["detail"].startswith(f"{next(iter(found))}: ")
    assert await service.size() == 0


async def test_several_faults_are_all_named(client: httpx.AsyncClient) -> None:
    body = {"input": [*turn(content="")["input"], *turn("assistant")["input"]], "title": " "}
    problem = (await client.post("/v1/tasks", json=body)).json()
    assert [error["field"] for error in problem["errors"]] == ["input[0].content", "input[1].role"]
    assert problem["detail"] == "input[0].content: This message has no text. (1 more)"


@pytest.mark.parametrize(
    ("body", "found", "listed"),
    [
        (turn(content=[0] * 100_000), 1, 1),
        ({"input": [0] * 100_000}, 1, 1),
        ({"input": [turn(content=[0] * 100)["input"][0]] * 1000}, 1, 1),
        ({"input": "Why?", **dict.fromkeys(map(str, range(15_000)))}, 1, 1),
        ({"input": "Why?", "export": {"x": [0] * 20_000}}, 1, 1),
        (turn(content=part("output_text") * 1000), 1000, 20),
    ],
)
async def test_errors_have_a_limit(body: Any, found: int, listed: int, service: Service) -> None:
    """4 MiB of faults, each found and told, kept the process busy for most of a minute."""
    reply = await service.http.post("/v1/tasks", json=body)
    problem = reply.json()
    assert (reply.status_code, len(problem["errors"])) == (422, listed)
    assert problem["detail"].endswith(f" ({found - 1} more)" if found > 1 else ".")


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_an_idempotency_key_has_a_length(key: str, service: Service) -> None:
    reply = await service.http.post(
        "/v1/tasks", json={"input": "Why?"}, headers={"Idempotency-Key": key}
    )
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert await service.size() == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", None])
async def test_another_content_type_is_refused(kind: str | None, service: Service) -> None:
    """These are what a form of another site could send without asking first."""
    headers = {} if kind is None else {"Content-Type": kind}
    reply = await service.http.post("/v1/tasks", content=b'{"input": "Why?"}', headers=headers)
    assert problem(reply) == (415, "unsupported-media-type")
    assert "application/json or text/markdown" in reply.json()["detail"]
    assert reply.headers["accept"] == "application/json, text/markdown"
    assert await service.size() == 0


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "line 1, column 2"),
        (b"\xff", "not UTF-8"),
        (b'{"input": "\xff"}', "not UTF-8"),
        # Such as a shell makes of the quotes:
        (b"{'input': 1}", "(line 1, column 2): Expecting property name enclosed in double quotes"),
        (b'{"input": ' + b"[" * 10_000, "nested too deeply"),
        (b"[" * 9, "line 1, column 10"),
        # More digits than Python reads:
        (b'{"input": ' + b"9" * 5_000 + b"}", "a number of too many digits"),
    ],
)
async def test_invalid_json_is_a_400_with_its_place(
    body: bytes, why: str, service: Service
) -> None:
    reply = await service.http.post("/v1/tasks", content=body, headers=JSON)
    assert problem(reply) == (400, "malformed-body")
    assert why in reply.json()["detail"]
    assert await service.size() == 0


def _body_of(size: int) -> bytes:
    return b'{"input": "%s"}' % (b"x" * (size - len(b'{"input": ""}')))


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1 << 20):
        yield body[start : start + (1 << 20)]


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_may_have_4_mib_and_no_byte_more(service: Service, *, chunked: bool) -> None:
    for size, status in [(LIMIT + 1, 413), (LIMIT, 202)]:
        body = _body_of(size)
        assert len(body) == size
        content = _chunks(body) if chunked else body
        reply = await service.http.post("/v1/tasks", content=content, headers=JSON)
        assert reply.status_code == status
        if status == 413:
            assert reply.headers["content-type"] == "application/problem+json"
            assert "exceeds 4 MiB. Send a shorter" in reply.json()["detail"]
            assert await service.size() == 0


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=10,
)
PARTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["input_text", "output_text"]) | ANY_JSON, "text": ANY_JSON}
)
MESSAGES = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "assistant", "developer"]) | ANY_JSON,
        "content": ANY_JSON | st.lists(PARTS | ANY_JSON, max_size=3),
    },
    optional={"type": ANY_JSON},
)
NEARLY = st.fixed_dictionaries(
    {"input": ANY_JSON | st.lists(MESSAGES, max_size=3)},
    optional={"title": ANY_JSON, "parent_id": ANY_JSON},
)


@settings(
    max_examples=200,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=NEARLY | ANY_JSON)
async def test_any_json_is_accepted_or_refused_in_words(body: Any, service: Service) -> None:
    before = await service.size()
    reply = await service.http.post("/v1/tasks", content=json.dumps(body), headers=JSON)
    assert reply.status_code in (202, 422)
    if reply.status_code == 422:
        assert all(error["field"] and error["message"] for error in reply.json()["errors"])
        assert await service.size() == before
