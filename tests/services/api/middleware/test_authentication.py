"""With a tokens file nobody calls without a token, and each token has only so many requests."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from services.api.auth.principal import PrincipalDep
from services.api.auth.token import digest
from services.api.auth.token_registry import TokenRegistry
from services.api.middleware.authentication import MAX_ACTIVE_REQUESTS, AuthenticationMiddleware
from services.api.problems.exception_handlers import register_exception_handlers

OPEN = ["/", "/docs", "/openapi.json", "/healthz", "/readyz", "/nothing", "/favicon.svg"]
CLOSED = ["/v1/tasks", "/v1/tasks/x", "/v1/events", "/v1/nothing", "/v1", "/v1/", "/metrics"]
TRICKS = [
    *("/%76%31/tasks", "/v1%2ftasks", "/v1/../v1/tasks", "/v1/./tasks", "/v1//tasks"),
    *("/v1/webhooks/openai/../../tasks", "/v1/webhooks/openai/", "/v1/webhooks/openai%2f"),
]


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def revoke(file: Path) -> None:
    """All tokens."""
    file.write_text("")


def allow(file: Path, **limits: int) -> None:
    """Set limits of bob's."""
    lines = (f"{name} = {limit}\n" for name, limit in limits.items())
    file.write_text(file.read_text() + "".join(lines))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tokens.toml"
    path.write_text(
        f'[tokens.alice]\nsha256 = "{digest(b"bb_a")}"\nadmin = true\n'
        f'[tokens.bob]\nsha256 = "{digest(b"bb_b")}"\nrequests_per_minute = 30\n'
    )
    return path


@pytest.fixture
def token_registry(file: Path) -> TokenRegistry:
    return TokenRegistry(file)


@pytest.fixture
async def client(service: Any, token_registry: TokenRegistry) -> AsyncIterator[httpx.AsyncClient]:
    async with service.client(token_registry=token_registry) as client:
        yield client


@pytest.mark.parametrize("path", OPEN)
async def test_pages_and_health_are_open(path: str, client: httpx.AsyncClient) -> None:
    wanted = 404 if path == "/nothing" else 200
    for headers in ({}, bearer("bb_wrong"), bearer("bb_b")):
        assert (await client.get(path, headers=headers)).status_code == wanted


@pytest.mark.parametrize("path", [*CLOSED, *TRICKS])
async def test_every_other_path_needs_a_token(path: str, client: httpx.AsyncClient) -> None:
    for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "BREW"):
        reply = await client.request(method, path)
        assert reply.status_code == 401, method
        assert reply.headers["www-authenticate"].startswith("Bearer")
        if method != "HEAD":
            assert reply.json()["type"] == "urn:backburner:problem:unauthorized"
        assert reply.headers["cache-control"] in ("no-store", "no-cache")


@pytest.mark.parametrize(
    "value",
    [
        *("", "Bearer", "Bearer ", "bb_b", "Basic bb_b", "Bearer bb_B", "Bearer bb_b bb_b"),
        *("Bearer bb_b,", "Bearer b'bb_b'", f"Bearer {digest(b'bb_b')}", "Bearer bob", "\xff\xfe"),
        *("Bearer \xff\xfe", "Bearer " + "a" * 50_000, "Token bb_b", "bearer:bb_b"),
    ],
)
async def test_what_is_no_token_is_refused_and_not_quoted(
    value: str, client: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    headers = {"Authorization": value.encode("latin-1")}
    none, wrong = await client.get("/v1/tasks"), await client.get("/v1/tasks", headers=headers)
    assert (none.status_code, none.content) == (wrong.status_code, wrong.content)
    assert wrong.status_code == 401
    assert "bb_b" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("value", ["Bearer bb_b", "bearer bb_b", "BEARER  bb_b "])
async def test_a_token_lets_in(value: str, client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/tasks", headers={"Authorization": value})).status_code == 200


async def test_a_refused_request_is_not_even_read(token_registry: TokenRegistry) -> None:
    """Not its body, not its task: nobody can make us work without a token."""
    replies = []

    async def unreachable(_: Scope, __: Receive, ___: Send) -> None:
        raise AssertionError

    async def unread() -> Any:
        raise AssertionError

    async def send(message: Any) -> None:
        replies.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/tasks", "headers": []}
    await AuthenticationMiddleware(unreachable, token_registry, lambda: 0.0)(scope, unread, send)
    assert replies[0]["status"] == 401


async def test_a_route_that_is_reached_past_the_check_answers_nobody() -> None:
    app = FastAPI()
    register_exception_handlers(app)

    @app.get("/whose")
    async def whose(principal: PrincipalDep) -> str:
        raise AssertionError(principal)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/whose")).status_code == 401


async def test_readyz_without_a_token_has_no_details(
    client: httpx.AsyncClient, service: Any
) -> None:
    for path, keys in (("/readyz", {"status", "provider", "model"}), ("/healthz", {"status"})):
        body = (await client.get(path)).json()
        told = {name for name, value in body.items() if value}
        assert told - {"detail"} == keys
    assert body
    stranger = (await client.get("/readyz")).json()
    assert stranger["detail"] == "Send a token for details."
    friend = (await client.get("/readyz", headers=bearer("bb_b"))).json()
    assert friend["pollers"] == 0
    assert "No poller" in friend["detail"]
    service.server.connected = False
    reply = await client.get("/readyz")
    assert (reply.status_code, reply.json()["issues"]) == (503, [])


async def test_metrics_are_for_admins(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).status_code == 401
    refused = await client.get("/metrics", headers=bearer("bb_b"))
    assert (refused.status_code, refused.json()["type"]) == (
        403,
        "urn:backburner:problem:admin-required",
    )
    assert (await client.get("/metrics", headers=bearer("bb_a"))).status_code == 200


async def test_without_a_tokens_file_everybody_is_the_nameless_owner(service: Any) -> None:
    async with service.client() as client:
        for headers in ({}, bearer("anything")):
            reply = await client.post("/v1/tasks", json={"input": "Why?"}, headers=headers)
            assert reply.status_code == 202
            assert (await service.task(reply.json()["id"])).owner is None
        assert (await client.get("/metrics")).status_code == 200


async def test_a_file_without_tokens_lets_nobody_in(service: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.toml").touch()
    async with service.client(token_registry=TokenRegistry(tmp_path / "empty.toml")) as client:
        assert (await client.get("/v1/tasks")).status_code == 401


async def test_a_token_has_so_many_requests_a_minute(client: httpx.AsyncClient) -> None:
    replies = [await client.get("/v1/tasks", headers=bearer("bb_b")) for _ in range(31)]
    assert [reply.status_code for reply in replies] == [200] * 30 + [429]
    last = replies[-1]
    assert last.json()["type"] == "urn:backburner:problem:too-many-requests"
    assert 1 <= int(last.headers["retry-after"]) <= 2
    assert (await client.get("/v1/tasks", headers=bearer("bb_a"))).status_code == 200
    assert (await client.get("/healthz")).status_code == 200


Inner = Callable[[Scope, Receive, Send], Awaitable[None]]


@pytest.mark.parametrize("begun", [True, False])
async def test_an_answer_that_lasts_ends_with_its_token_in_good_form(
    token_registry: TokenRegistry, file: Path, *, begun: bool
) -> None:
    lasts = asyncio.Event()
    sent = []

    async def stream(_: Scope, __: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"one", "more_body": True})
        lasts.set()
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Bearer bb_b")]
    scope = {"type": "http", "method": "GET", "path": "/v1/events", "headers": headers}
    app = AuthenticationMiddleware(stream, token_registry, lambda: 0.0)
    request = asyncio.create_task(app(scope, None, send))  # type: ignore[arg-type] -- reads nothing
    await lasts.wait()
    revoke(file)
    token_registry.reload()
    await request
    assert sent[0]["status"] == (200 if begun else 401)
    assert [message["type"] for message in sent].count("http.response.start") == 1
    assert not sent[-1].get("more_body")


async def test_a_revocation_interrupts_no_write(token_registry: TokenRegistry, file: Path) -> None:
    reached, go, done = asyncio.Event(), asyncio.Event(), []

    async def write(_: Scope, __: Receive, ___: Send) -> None:
        reached.set()
        await go.wait()
        done.append(1)

    headers = [(b"authorization", b"Bearer bb_b")]
    scope = {"type": "http", "method": "POST", "path": "/v1/tasks", "headers": headers}
    app = AuthenticationMiddleware(write, token_registry, lambda: 0.0)
    request = asyncio.create_task(app(scope, None, None))  # type: ignore[arg-type] -- uses neither
    await reached.wait()
    revoke(file)
    token_registry.reload()
    go.set()
    await request
    assert done


def test_the_time_of_a_check_tells_nothing_about_the_token(file: Path) -> None:
    """A guess that is right but for its last character takes as long as one that is all wrong."""
    secret = b"bb_" + b"a" * 43
    file.write_text(f'[tokens.alice]\nsha256 = "{digest(secret)}"\n')
    token_registry = TokenRegistry(file)
    guesses = {"near": secret[:-1] + b"b", "far": b"zz_" + b"z" * 43}
    seconds: dict[str, list[float]] = {name: [] for name in guesses}
    for _ in range(300):
        for name, guess in guesses.items():  # side by side, so that both suffer the same noise
            began = time.perf_counter()
            for _ in range(20):
                token_registry.find(guess)
            seconds[name].append(time.perf_counter() - began)
    near, far = (statistics.median(seconds[name]) for name in ("near", "far"))
    assert 0.8 < near / far < 1.25


class Crowd:
    """An application behind the middleware, whose requests of one token end at a word."""

    def __init__(self, registry: TokenRegistry) -> None:
        self.app = AuthenticationMiddleware(self._serve, registry, time.monotonic)
        self.go_on = asyncio.Event()
        self.running = 0
        self.statuses: list[int] = []

    async def _serve(self, scope: Scope, _: Receive, send: Send) -> None:
        self.running += 1
        if scope["path"] == "/v1/waits":
            async with scope["state"]["principal"].slot.given_back():
                await self.go_on.wait()
        elif scope["headers"][0][1] == b"Bearer bb_b":
            await self.go_on.wait()
        self.running -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(self, secret: str, path: str = "/v1/tasks") -> None:
        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.statuses.append(message["status"])

        headers = [(b"authorization", f"Bearer {secret}".encode())]
        scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
        await self.app(scope, asyncio.Event().wait, send)


async def test_a_crowd_of_one_owners_requests_waits_for_its_turn_and_has_an_end(file: Path) -> None:
    allow(file, max_connections=9)
    crowd = Crowd(TokenRegistry(file))
    requests = [asyncio.create_task(crowd.ask("bb_b")) for _ in range(20)]
    await asyncio.sleep(0)
    assert crowd.running == MAX_ACTIVE_REQUESTS
    assert crowd.statuses == [429] * 11
    await crowd.ask("bb_a")
    assert crowd.statuses[-1] == 200
    crowd.go_on.set()
    await asyncio.gather(*requests)
    assert crowd.statuses.count(200) == 10
    assert crowd.running == 0
    await crowd.ask("bb_b")
    assert crowd.statuses[-1] == 200


async def test_requests_that_wait_for_a_change_leave_the_turn_to_others(file: Path) -> None:
    crowd = Crowd(TokenRegistry(file))
    waiting = [asyncio.create_task(crowd.ask("bb_a", "/v1/waits")) for _ in range(20)]
    for _ in range(4):
        await asyncio.sleep(0)
    assert crowd.running == 20
    await crowd.ask("bb_a")
    assert crowd.statuses == [200]
    crowd.go_on.set()
    await asyncio.gather(*waiting)
