"""Keeps other websites out: through the owner's browser they could read tasks and spend money."""

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.http.limits import MAX_BODY_BYTES, MAX_HEADERS_BYTES
from services.api.http.security_headers import security_headers
from services.api.problems.responses import (
    cross_origin,
    encoded_body,
    headers_too_large,
    host_not_allowed,
    too_large,
)

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TASK_PATHS = frozenset({"v1", "mcp", "metrics", "readyz"})
"""First segments of the paths that read tasks. The others serve files, and links may lead there."""

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?", re.ASCII | re.IGNORECASE)
_LENGTH = re.compile(r"\d{1,20}", re.ASCII)


class HostOriginMiddleware:
    """Serves allowed hosts only, and serves tasks only to its own pages and to programs.

    The Host header gives away a website that resolves its own name to this server (DNS rebinding);
    Sec-Fetch-Site and Origin give away one that sends requests here. Such a page cannot see the
    response, but it can time it, so nothing is done for it. Adds the security headers.
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
        if not _LENGTH.fullmatch(length) or int(length) > MAX_BODY_BYTES:
            return too_large()
        encoding = headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            return encoded_body(encoding)
        serves_file = scope["path"].split("/")[1] not in TASK_PATHS
        if scope["method"] in SAFE_METHODS and serves_file:
            return None
        return cross_origin() if _is_cross_origin(headers, host) else None


def _is_cross_origin(headers: Headers, host: str) -> bool:
    # Programs send neither header; browsers send Origin only with some requests.
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return True
    own = {f"http://{host}".lower(), f"https://{host}".lower()}
    return headers.get("origin", f"http://{host}").lower() not in own


def hostname(authority: str) -> str | None:
    """The name in a Host header, without its port; None where it is malformed."""
    host = _HOST.fullmatch(authority)
    return host and host[1].strip("[]").lower()
