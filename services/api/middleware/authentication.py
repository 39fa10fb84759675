"""Asks for a token before anything else of a request is looked at."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.auth.principal import Caller
from services.api.auth.rate_limit import Rates
from services.api.auth.token import Token
from services.api.auth.token_registry import Register, TokenRevoked
from services.api.problems.errors import Unauthenticated
from services.api.problems.responses import to_response, too_many_requests

SIGNED = "/v1/webhooks/openai"
"""Its caller is known by a signature."""


class Authentication:
    """Says who calls, for the routes to go by, and turns away who may not.

    Where there are no tokens everybody is one nameless owner who may do everything. ``clock`` is
    in seconds.
    """

    def __init__(self, app: ASGIApp, register: Register, clock: Callable[[], float]) -> None:
        self._app = app
        self._register = register
        self._rates = Rates(clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its caller, or refuse it."""
        if self._register.path is None:
            _introduce(scope, Caller(None, admin=True))
            await self._app(scope, receive, send)
            return
        token = self._token(Headers(scope=scope))
        if token is None:
            app = to_response(Unauthenticated()) if _is_closed(scope["path"]) else self._app
            await app(scope, receive, send)
        elif wait := self._rates.wait(token.name, token.requests_per_minute):
            await too_many_requests(token.requests_per_minute, wait)(scope, receive, send)
        else:
            _introduce(scope, Caller(token.name, token.admin))
            await self._serve(token, scope, receive, send)

    def _token(self, headers: Headers) -> Token | None:
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        return (
            self._register.find(secret.strip().encode("latin-1"))
            if scheme.lower() == "bearer"
            else None
        )

    async def _serve(self, token: Token, scope: Scope, receive: Receive, send: Send) -> None:
        """A change is carried through; what is read ends with the token, if it lasts that long."""
        if scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_started(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with self._register.session(token):
                await self._app(scope, receive, send_started)
        except TokenRevoked:
            if started:
                await send({"type": "http.response.body", "body": b""})
            else:
                await to_response(Unauthenticated())(scope, receive, send)


def _is_closed(path: str) -> bool:
    return path == "/metrics" or (path.startswith("/v1") and path != SIGNED)


def _introduce(scope: Scope, caller: Caller) -> None:
    scope.setdefault("state", {})["caller"] = caller
