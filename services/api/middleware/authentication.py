"""Requires a token before anything else of a request is read."""

from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.auth.concurrency_limit import ConcurrencyLimiter
from services.api.auth.principal import Principal
from services.api.auth.rate_limit import RateLimiter
from services.api.auth.token import Token
from services.api.auth.token_registry import TokenRegistry, TokenRevoked
from services.api.problems.error_responses import to_response
from services.api.problems.errors import Unauthenticated
from services.api.problems.responses import too_many_connections, too_many_requests

WEBHOOK_PATH = "/v1/webhooks/openai"
"""Authenticated by a signature instead."""

MAX_ACTIVE_REQUESTS = 4
"""Of one owner at a time, without those that wait for a change; the others wait for their turn.

Each may hold a body of 4 MiB, or a response of 16 MiB that its client reads slowly.
"""


class AuthenticationMiddleware:
    """Sets the principal of each request, or rejects it; limits the requests of each token.

    Without a tokens file every request has the rights of an admin. ``clock`` is in seconds.
    """

    def __init__(self, app: ASGIApp, tokens: TokenRegistry, clock: Callable[[], float]) -> None:
        self._app = app
        self._tokens = tokens
        self._limiter = RateLimiter(clock)
        self._connections = Counter[str]()
        self._requests = ConcurrencyLimiter(per_owner=MAX_ACTIVE_REQUESTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its principal, or reject it."""
        if self._tokens.path is None:
            _set_principal(scope, Principal(None, admin=True))
            await self._app(scope, receive, send)
            return
        token = self._token(Headers(scope=scope))
        if token is None:
            app = to_response(Unauthenticated()) if _requires_token(scope["path"]) else self._app
            await app(scope, receive, send)
        elif self._connections[token.name] >= token.max_connections:
            await too_many_connections(token.max_connections)(scope, receive, send)
        elif wait := self._limiter.acquire(token.name, token.requests_per_minute):
            await too_many_requests(token.requests_per_minute, wait)(scope, receive, send)
        else:
            await self._serve(token, scope, receive, send)

    def _token(self, headers: Headers) -> Token | None:
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        return (
            self._tokens.find(secret.strip().encode("latin-1"))
            if scheme.lower() == "bearer"
            else None
        )

    async def _serve(self, token: Token, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request in the owner's turn."""
        self._connections[token.name] += 1
        try:
            async with self._requests.slot(token.name) as slot:
                _set_principal(scope, Principal(token.name, token.admin, slot))
                await self._serve_now(token, scope, receive, send)
        finally:
            self._connections[token.name] -= 1

    async def _serve_now(self, token: Token, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request; reading ends when the token is revoked, a change is completed.

        What comes after the beginning of a change's response is reading, too.
        """
        started, reads = False, False

        async def send_started(message: Message) -> None:
            nonlocal started, reads
            started = True
            if message.get("more_body") and not reads:
                reads = True
                await reading.enter_async_context(self._tokens.session(token))
            await send(message)

        try:
            async with AsyncExitStack() as reading:
                if scope["method"] == "GET":
                    reads = True
                    await reading.enter_async_context(self._tokens.session(token))
                await self._app(scope, receive, send_started)
        except TokenRevoked:
            if started:
                await send({"type": "http.response.body", "body": b""})
            else:
                await to_response(Unauthenticated())(scope, receive, send)


def _requires_token(path: str) -> bool:
    return path in {"/metrics", "/mcp"} or (path.startswith("/v1") and path != WEBHOOK_PATH)


def _set_principal(scope: Scope, principal: Principal) -> None:
    scope.setdefault("state", {})["principal"] = principal
