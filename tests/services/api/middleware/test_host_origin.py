"""No page of another site can read or change anything here, and no answer goes out unguarded."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.api.middleware.host_origin import HostOriginMiddleware
from services.api.problems.responses import cross_origin

OURS = "http://localhost:8000"
GUARDED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8000", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]", 200),
        ("[::1]:8000", 200),
        ("backburner.example", 200),
        ("Backburner.Example:443", 200),
        ("evil.example", 421),
        ("evil.example:8000", 421),
        ("localhost.evil.example", 421),
        ("evil.example#localhost", 421),
        ("localhost@evil.example", 421),
        ("localhost#.evil.example", 421),
        ("localhost/evil.example", 421),
        ("localhost:8000:evil.example", 421),
        ("localhost, evil.example", 421),
        ("127.0.0.2", 421),
        ("[::1", 421),
        ("", 421),
        (None, 421),
    ],
)
async def test_it_answers_only_to_its_own_names(
    host: str | None, status: int, service: Any
) -> None:
    async with service.client(allowed_hosts="backburner.example, other.example") as client:
        for path in ("/healthz", "/v1/tasks", "/"):
            request = client.build_request("GET", path)
            del request.headers["host"]
            if host is not None:
                request.headers["host"] = host
            reply = await client.send(request)
            assert reply.status_code == status
            if status == 421:
                assert reply.json()["type"] == "urn:backburner:problem:host-not-allowed"
                assert "BACKBURNER_ALLOWED_HOSTS" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 202),
        ({"Origin": OURS}, 202),
        ({"Origin": OURS, "Sec-Fetch-Site": "same-origin"}, 202),
        ({"Sec-Fetch-Site": "none"}, 202),
        ({"Origin": "https://localhost:8000"}, 202),  # a proxy before us speaks TLS
        ({"Origin": "https://localhost:8000", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost:8001"}, 403),
        ({"Origin": "http://localhost"}, 403),
        ({"Origin": "http://127.0.0.1:8000"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://evil.example:8000"}, 403),
        ({"Origin": "http://localhost:8000.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": OURS, "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": OURS, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_a_page_of_another_site_neither_reads_nor_changes_tasks(
    headers: dict[str, str], status: int, client: httpx.AsyncClient, service: Any
) -> None:
    reply = await client.post("/v1/tasks", json={"input": "Why?"}, headers=headers)
    assert reply.status_code == status
    if status == 403:
        assert reply.json()["type"] == "urn:backburner:problem:cross-origin"
        assert await service.size() == 0
    assert "access-control-allow-origin" not in reply.headers
    for method in ("PUT", "PATCH", "DELETE"):
        other = await client.request(method, "/v1/tasks", headers=headers)
        assert other.status_code == (403 if status == 403 else 405)
    read = await client.get("/v1/tasks", headers=headers)
    assert read.status_code == (403 if status == 403 else 200)


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(
    "path", ["/v1/tasks?q=a", "/v1", "/v1/events", "/mcp", "/metrics", "/readyz"]
)
async def test_nothing_is_done_for_a_page_of_another_site(
    path: str, headers: dict[str, str]
) -> None:
    """Nothing that it could time: neither token, body nor route is looked at."""

    async def unreachable(*_: object) -> None:
        pytest.fail("reached")

    async def unread() -> AsyncIterator[bytes]:
        pytest.fail("read")
        yield b""

    transport = httpx.ASGITransport(HostOriginMiddleware(unreachable, frozenset()))
    async with httpx.AsyncClient(transport=transport, base_url=OURS) as client:
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "BREW"):
            reply = await client.request(method, path, headers=headers, content=unread())
            assert reply.status_code == 403
            assert reply.content == (b"" if method == "HEAD" else cross_origin().body)


@pytest.mark.parametrize("headers", FOREIGN)
async def test_all_that_a_page_of_another_site_can_load_is_files(
    headers: dict[str, str], client: httpx.AsyncClient, service: Any
) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    service.server.connected = False
    served = {
        path
        for path in (*paths, "/", "/index.html", "/docs", "/docs/start.js", "/openapi.json")
        if (await client.get(path, headers=headers)).status_code != 403
    }
    assert served == {"/", "/index.html", "/docs", "/docs/start.js", "/openapi.json", "/healthz"}


async def test_every_kind_of_answer_is_guarded(service: Any) -> None:
    def broken() -> str:
        raise RuntimeError

    async with service.client(new_task_id=broken) as client:
        task = {"input": "Why?"}
        replies = {
            200: [await client.get(path) for path in ("/", "/docs", "/healthz", "/openapi.json")],
            404: [await client.get(path) for path in ("/nothing", "/v1/nothing", "/v1/tasks/x")],
            405: [await client.post("/healthz")],
            413: [
                await client.post("/v1/tasks", content=b" " * 4_194_305),
                await client.post("/v1/tasks", headers={"Content-Length": "1" * 5_000}),
            ],
            421: [await client.get("/", headers={"Host": "evil.example"})],
            403: [await client.post("/v1/tasks", json=task, headers={"Origin": "null"})],
            422: [await client.post("/v1/tasks", json={})],
            500: [await client.post("/v1/tasks", json=task)],
        }
        service.server.connected = False
        replies[503] = [await client.get("/v1/tasks"), await client.get("/readyz")]
    policies, of_docs = set(), set()
    for status, kind in replies.items():
        for reply in kind:
            assert reply.status_code == status
            assert {name: reply.headers[name] for name in GUARDED} == GUARDED
            private = reply.request.url.path.startswith("/v1/")
            assert reply.headers["cache-control"] == ("no-store" if private else "no-cache")
            policy = reply.headers["content-security-policy"]
            (of_docs if reply.request.url.path == "/docs" else policies).add(policy)
    (policy,) = policies
    assert policy.endswith("; require-trusted-types-for 'script'; trusted-types backburner-answer")
    # Swagger UI makes markup without a policy: all but that holds for it too.
    assert of_docs == {policy.partition("; require-trusted-types-for")[0]}
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
