"""A conversation is taken as JSON or as Markdown, and told what is wrong with it in either."""

import gzip
import json

import httpx
import pytest

from services.api.http.media_types import JSON
from tests.services.api.conftest import Service, problem
from tests.services.api.transcript.examples import message

MARKDOWN = {"Content-Type": "text/markdown"}


@pytest.mark.parametrize(
    "kind", ["text/markdown", "text/markdown; charset=UTF-8", 'Text/Markdown;charset="utf8"']
)
async def test_plain_markdown_is_a_question(kind: str, client: httpx.AsyncClient) -> None:
    text = "# Why é?\r\n\r\n- because  \n"
    reply = await client.post("/v1/tasks", content=text.encode(), headers={"Content-Type": kind})
    assert reply.status_code == 202, reply.text
    assert reply.json()["input"] == [message("user", text)]
    assert reply.json()["title"] == "# Why é? - because"


async def test_a_byte_order_mark_is_no_text(client: httpx.AsyncClient) -> None:
    body = "\ufeff<!-- backburner: user -->\nWhy?".encode()
    reply = await client.post("/v1/tasks", content=body, headers=MARKDOWN)
    assert reply.json()["input"] == [message("user", "Why?")]


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        ("Hi\n<!-- backburner: user -->\nWhy?", "body: Line 1: Text before the first marker"),
        ("<!-- backburner: usr -->\nWhy?", "body: Line 1: A marker is one of task, developer"),
        ("", "input[0].content: This message has no text."),
        ("<!-- backburner: task -->\n# A", "input: The conversation is empty"),
        ("<!-- backburner: answer -->\nSo.", "input: The conversation is empty"),
        ("<!-- backburner: assistant -->\nSo.", "input[0].role: The last message is"),
        ("<!-- backburner: user -->\n\n" * 1001, "input: Send at most 1000 items"),
        ("\n<!-- backburner: user -->" * 5001, "body: Line 5002: There are more than 5,000 marker"),
        (f"<!-- backburner: task -->\n# {'x' * 201}\n", "title: Send at most 200 characters"),
    ],
)
async def test_invalid_markdown_says_why(body: str, advice: str, service: Service) -> None:
    reply = await service.http.post("/v1/tasks", content=body, headers=MARKDOWN)
    assert reply.status_code == 422
    assert reply.json()["detail"].startswith(advice)
    assert await service.size() == 0


async def test_markdown_that_is_not_utf_8_is_not_guessed_at(service: Service) -> None:
    latin = {"Content-Type": "text/markdown; charset=iso-8859-1"}
    said = await service.http.post("/v1/tasks", content=b"\xe9", headers=latin)
    assert (said.status_code, said.json()["status"]) == (415, 415)
    unsaid = await service.http.post("/v1/tasks", content=b"\xe9", headers=MARKDOWN)
    assert unsaid.json()["type"] == "urn:backburner:problem:malformed-body"
    assert await service.size() == 0


async def test_query_parameters_override_the_body(service: Service) -> None:
    parent = await service.submit("Why?")
    beside = {"title": " In the address ", "parent_id": parent["id"]}
    for body in (
        {"json": {"input": "How?", "title": "In the body"}},
        {"content": "<!-- backburner: task -->\n# In it\n\n<!-- backburner: user -->\nHow?"}
        | {"headers": MARKDOWN},
    ):
        reply = await service.http.post("/v1/tasks", params=beside, **body)
        task = reply.json()
        assert (task["title"], task["parent_id"]) == ("In the address", parent["id"])


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [("title", "x" * 201, "at most 200"), ("parent_id", "x", "the id of a task, such as")],
)
async def test_parameters_are_checked(name: str, value: str, advice: str, service: Service) -> None:
    reply = await service.http.post("/v1/tasks", params={name: value}, json={"input": "Why?"})
    (error,) = reply.json()["errors"]
    assert (reply.status_code, error["field"]) == (422, name)
    assert advice in error["message"]


async def test_a_request_is_replayed_after_its_parent_is_gone(service: Service) -> None:
    parent = await service.submit("Why?")
    call = {
        "json": {"input": "How?", "parent_id": parent["id"]},
        "headers": {"Idempotency-Key": "k"},
    }
    first = await service.http.post("/v1/tasks", **call)
    await service.redis.delete(f"backburner:task:{parent['id']}")
    again = await service.http.post("/v1/tasks", **call)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (202, "true")
    assert again.json()["id"] == first.json()["id"]
    for headers in ({}, {"Idempotency-Key": "another"}):
        new = await service.http.post("/v1/tasks", json=call["json"], headers=headers)
        assert (new.status_code, new.json()["errors"][0]["field"]) == (422, "parent_id")


@pytest.mark.parametrize("media_type", ["application/json", "text/markdown"])
async def test_a_large_body_is_taken_as_a_small_one(media_type: str, service: Service) -> None:
    text = 'Why "is" the sky blue? ' * 5_000
    body = json.dumps({"input": text}) if media_type == JSON else text
    reply = await service.http.post("/v1/tasks", content=body, headers={"Content-Type": media_type})
    assert reply.status_code == 202, reply.text
    shown = await service.http.get(reply.headers["location"])
    assert shown.json()["input"] == reply.json()["input"] == [message("user", text)]
    wrong = text if media_type == JSON else "<!-- backburner: user -->\nWhy?\n" * 3_000
    refused = await service.http.post(
        "/v1/tasks", content=wrong, headers={"Content-Type": media_type}
    )
    assert refused.status_code in (400, 422)


async def test_a_bodys_values_are_bounded(service: Service) -> None:
    body = b'{"input":[' + b"[]," * 20_001 + b"[]]}"
    reply = await service.http.post("/v1/tasks", content=body, headers={"Content-Type": JSON})
    assert reply.json()["detail"].startswith("body: The body has more than 20,000 JSON values")


@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/responses"])
async def test_a_compressed_body_is_refused_by_the_name_of_its_encoding(
    path: str, client: httpx.AsyncClient
) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    reply = await client.post(path, content=gzip.compress(b'{"input": "Why?"}'), headers=headers)
    assert problem(reply) == (415, "unsupported-media-type")
    assert "gzip" in reply.json()["error"]["message"]
    assert reply.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(("length", "status"), [(255, 202), (256, 422)])
async def test_an_idempotency_key_is_counted_in_characters(
    length: int, status: int, client: httpx.AsyncClient
) -> None:
    """Each of these is two bytes."""
    headers = [(b"Idempotency-Key", ("ä" * length).encode())]
    for _ in range(2):
        reply = await client.post("/v1/tasks", json={"input": "Why?"}, headers=headers)
        assert reply.status_code == status
    assert (reply.headers.get("idempotent-replayed") == "true") == (status == 202)
