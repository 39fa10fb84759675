"""What the real service refuses is refused, in its envelope, with the parameter named."""

from typing import Any

import pytest

GOOD: dict[str, Any] = {"model": "gpt-5-pro", "input": "Why?", "background": True}


def turn(role: str, kind: str) -> dict[str, Any]:
    return {"input": [{"role": role, "content": [{"type": kind, "text": "Hi"}]}]}


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"model": None}, "model", "invalid_value"),
        ({"model": "gpt-4"}, "model", "model_not_found"),
        ({"input": []}, "input", "invalid_type"),
        ({"input": 7}, "input", "invalid_type"),
        ({"background": False}, "background", None),
        ({"colour": "red"}, "colour", "unknown_parameter"),
        ({"stream": True}, "stream", "unknown_parameter"),
        ({"store": True}, "store", "unsupported_parameter"),
        ({"temperature": 0.2}, "temperature", "unsupported_parameter"),
        ({"text": {"verbosity": "low"}}, "text.verbosity", "unsupported_parameter"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format.type", "invalid_value"),
        ({"reasoning": {"effort": "low"}}, "reasoning.effort", "unsupported_value"),
        ({"tools": [{"type": "code_interpreter"}]}, "tools[0].type", "invalid_value"),
        ({"metadata": {"task_id": 7}}, "metadata.task_id", "invalid_type"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata", "invalid_type"),
        ({"metadata": {"task_id": "x" * 513}}, "metadata.task_id", "invalid_type"),
        (turn("tool", "input_text"), "input[0].role", "invalid_value"),
        (turn("user", "output_text"), "input[0].content[0].type", "invalid_value"),
        (turn("assistant", "input_text"), "input[0].content[0].type", "invalid_value"),
        ({"input": [{"role": "user"}]}, "input[0].content", "missing_required_parameter"),
        ({"input": ["Why?"]}, "input[0]", "invalid_type"),
        ({"input": "[simulate: something odd]"}, "input", None),
    ],
)
async def test_a_body_at_fault_is_refused(
    change: dict[str, Any], param: str, code: str | None, client: Any
) -> None:
    reply = await client.post("/v1/responses", json={**GOOD, **change})
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert (error["param"], error["code"]) == (param, code)
    assert error["type"] == "invalid_request_error"
    assert error["message"]


@pytest.mark.parametrize("name", GOOD)
async def test_a_missing_parameter_is_named(name: str, client: Any) -> None:
    body = {key: value for key, value in GOOD.items() if key != name}
    reply = await client.post("/v1/responses", json=body)
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, name)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"input": "\\ud800"}', b"[" * 100_000]
)
async def test_a_body_that_is_no_json_object_is_refused(body: bytes, client: Any) -> None:
    assert (await client.post("/v1/responses", content=body)).status_code == 400


@pytest.mark.parametrize("key", ["", "sk-simulator", "Bearer sk-other", "Bearer schlüssel"])
async def test_a_wrong_key_opens_nothing(key: str, client: Any) -> None:
    headers = {"authorization": key.encode()}
    for reply in (
        await client.post("/v1/responses", json=GOOD, headers=headers),
        await client.get("/v1/responses/resp_1", headers=headers),
        await client.get("/v1/models/gpt-5-pro", headers=headers),
    ):
        assert reply.status_code == 401
        assert reply.json()["error"]["code"] == "invalid_api_key"


async def test_an_unknown_path_is_a_404_in_the_envelope(client: Any) -> None:
    reply = await client.post("/v1/chat/completions", json={})
    assert reply.status_code == 404
    assert reply.json()["error"]["type"] == "invalid_request_error"


async def test_a_body_over_20_mib_is_refused(client: Any) -> None:
    reply = await client.post("/v1/responses", content=b" " * (20 * 1024**2 + 1))
    assert reply.status_code == 413
    assert reply.headers["server"] == "backburner-simulator"
