"""A method that an address does not take is answered with all that it does take."""

import httpx
import pytest

TASK = f"/v1/tasks/task_{1:032}"


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/v1/tasks", "GET, HEAD, POST"),
        (TASK, "GET, HEAD, DELETE"),
        (f"{TASK}/cancel", "POST"),
        (f"{TASK}/thread/export", "GET, HEAD"),
        ("/v1/webhooks/openai", "POST"),
        ("/healthz", "GET, HEAD"),
        ("/v1/events", "GET"),
    ],
)
@pytest.mark.parametrize("method", ["OPTIONS", "PUT"])
async def test_all_methods_of_an_address_are_named(
    method: str, path: str, allow: str, client: httpx.AsyncClient
) -> None:
    reply = await client.request(method, path)
    assert (reply.status_code, reply.headers["allow"]) == (405, allow)
    assert reply.json()["type"] == "urn:backburner:problem:method-not-allowed"
    assert f"takes only {allow}:" in reply.json()["detail"]
