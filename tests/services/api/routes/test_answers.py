"""The answer comes in the form that the client likes best; the provider's object as it came."""

import orjson
import pytest

from tests.services.api.conftest import Service, problem

TEXT = "# Why\n\nBecause of *Rayleigh*. é 🙂"
CITATION = {
    "url": "https://example.org/sky",
    "title": "Sky",
    "start_index": 7,
    "end_index": 28,
}
PART = {"type": "output_text", "text": TEXT, "annotations": [{"type": "url_citation", **CITATION}]}
RESPONSE = orjson.dumps({"id": "resp_1", "output": [{"type": "message", "content": [PART]}]})
CHROMIUM = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
MARKDOWN, PLAIN, HTML = "text/markdown", "text/plain", "text/html"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, MARKDOWN),
        ("", MARKDOWN),
        ("*/*", MARKDOWN),
        ("text/*", MARKDOWN),
        (CHROMIUM, HTML),
        ("text/html", HTML),
        ("TEXT/HTML ; charset=utf-8", HTML),
        ("text/plain", PLAIN),
        ("text/plain, text/html", PLAIN),
        ("text/plain;q=0.5, text/html", HTML),
        ("text/plain;q=0.5, */*;q=0.1", PLAIN),
        ("text/markdown;q=0, text/*", PLAIN),
        ("application/json, text/html;q=0.001", HTML),
        ("application/json", None),
        ("text/html;q=0", None),
        ("*/*;q=0", None),
        ("text/html;q=high", None),
        ("text", None),
    ],
)
async def test_accept_sets_the_form(accept: str | None, form: str | None, service: Service) -> None:
    task = await service.submit()
    await service.completed(task["id"], RESPONSE)
    request = service.http.build_request("GET", f"/v1/tasks/{task['id']}/answer")
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    reply = await service.http.send(request)
    if form is None:
        assert reply.status_code == 406
        assert "text/markdown, text/plain, text/html" in reply.json()["detail"]
        return
    assert reply.status_code == 200
    assert reply.headers["content-type"] == f"{form}; charset=utf-8"
    assert reply.headers["vary"] == "Accept"
    rendered = f"<p>{TEXT}</p><a>https://example.org/sky</a>"
    assert reply.text == (rendered if form == HTML else TEXT)


async def test_there_is_no_answer_before_the_end(service: Service) -> None:
    task = await service.submit()
    await service.submitted(task["id"])
    for below in ("answer", "response"):
        reply = await service.http.get(f"/v1/tasks/{task['id']}/{below}")
        assert problem(reply) == (404, "answer-not-available")
        assert "has not ended yet" in reply.json()["detail"]


@pytest.mark.parametrize("body", [b'{"output": []}', b'{"output": [{"type": "message"}]}'])
async def test_a_response_without_text_is_told_from_one_that_is_not_there_yet(
    body: bytes, service: Service
) -> None:
    task = await service.submit()
    await service.completed(task["id"], body)
    reply = await service.http.get(f"/v1/tasks/{task['id']}/answer")
    assert problem(reply) == (404, "answer-not-available")
    assert "it has ended, but the response contains no text" in reply.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        RESPONSE,
        b' {"output" :\t[ ],\r\n "cost": 1.0e0, "text":"\\u00e9 \xc3\xa9"}\n\n',
        b'{"output": [], "broken": "\xff\x00\\ud800"}',
    ],
)
async def test_the_providers_object_is_kept_byte_for_byte(body: bytes, service: Service) -> None:
    task = await service.submit()
    await service.completed(task["id"], body)
    reply = await service.http.get(f"/v1/tasks/{task['id']}/response")
    assert (reply.status_code, reply.content) == (200, body)
    assert reply.headers["content-type"] == "application/json"
    assert (await service.http.get(f"/v1/tasks/{task['id']}")).status_code == 200


async def test_citations_point_into_the_text(service: Service) -> None:
    task = await service.submit()
    await service.completed(task["id"], RESPONSE)
    task = (await service.http.get(f"/v1/tasks/{task['id']}")).json()
    (citation,) = task["citations"]
    assert citation == CITATION
    cited = task["output_text"][citation["start_index"] : citation["end_index"]]
    assert cited == "Because of *Rayleigh*"
