"""Keeps other websites out: they could spend the owner's money through the owner's browser."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.http.limits import MAX_BODY_BYTES, MAX_HEADERS_BYTES
from services.api.http.security_headers import security_headers
from services.api.problems.responses import (
    cross_origin,
    headers_too_large,
    host_not_allowed,
    too_large,
)

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class HostOriginMiddleware:
    """Serves allowed hosts only, and takes changes only from its own pages and from programs.

    The Host header gives away a website that resolves its own name to this server (DNS rebinding);
    the Origin header gives away one that sends requests here. Adds the security headers.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: frozenset[str]) -> None:
        self._app = app
        self._allowed = LOOPBACK | allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reject the request or pass it on; the response gets the security headers either way."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {name.lower(): value for name, value in message["headers"]}
                added = security_headers(scope["path"], headers)
                message["headers"] = [*message["headers"], *added]
            await send(message)

        app = self._rejection(scope) or self._app
        await app(scope, receive, send_with_headers)

    def _rejection(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        # The server bounds the headers that are incomplete; complete ones may come in one piece.
        size = len(scope["path"]) + sum(len(name) + len(value) for name, value in headers.raw)
        if size > MAX_HEADERS_BYTES:
            return headers_too_large()
        host = headers.get("host", "")
        if hostname(host) not in self._allowed:
            return host_not_allowed()
        # FastAPI counts a body without Content-Length, but answers a large one in plain text.
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            return too_large()
        if scope["method"] in SAFE_METHODS:
            return None
        own = {f"http://{host}".lower(), f"https://{host}".lower()}
        foreign = headers.get("origin", f"http://{host}").lower() not in own
        if foreign or headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return cross_origin()
        return None


def hostname(authority: str) -> str | None:
    """The name in a Host header, without its port; None where it is malformed."""
    try:
        return urlsplit(f"//{authority}").hostname
    except ValueError:
        return None
