"""Keeps other web pages out: they could spend the owner's money through his own browser."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.problems.responses import foreign_origin, too_large, wrong_host

MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request's body."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types backburner-answer"
"""Only this policy makes markup or script addresses of text: frontend/…/answer-html.js has it."""

DOCS = "/docs"
"""Swagger UI writes markup without such a policy, and shows nothing but our own description."""

_ANYWHERE = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

SECURITY_HEADERS = [
    (b"content-security-policy", f"{CONTENT_SECURITY_POLICY}; {TRUSTED_TYPES}".encode()),
    *_ANYWHERE,
]

_PARTS = (b"text/javascript", b"text/css")
"""What a page is made of, and never a page itself: it follows the policy of its page."""

_HEADERS_OF_PARTS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
"""A page has dozens of parts, and headers are not compressed."""

_HEADERS_OF_DOCS = [(b"content-security-policy", CONTENT_SECURITY_POLICY.encode()), *_ANYWHERE]


def hostname(authority: str) -> str | None:
    """The name in a Host header, without its port; None where it is none."""
    try:
        return urlsplit(f"//{authority}").hostname
    except ValueError:
        return None


class Guard:
    """Answers only to its own names, and takes changes only from its own pages or no page.

    A page elsewhere that has its name resolve to this machine (DNS rebinding) comes with its own
    Host; a page elsewhere that posts here comes with its own Origin.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: frozenset[str]) -> None:
        self._app = app
        self._allowed = LOOPBACK | allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on; either way the answer gets the security headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers(scope, message)]
            await send(message)

        headers = Headers(scope=scope)
        app = self._refusal(scope["method"], headers) or self._app
        await app(scope, receive, send_guarded)

    def _refusal(self, method: str, headers: Headers) -> ASGIApp | None:
        host = headers.get("host", "")
        if hostname(host) not in self._allowed:
            return wrong_host()
        # The framework counts what arrives without a length, but refuses a length in plain text.
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return too_large()
        if method in SAFE_METHODS:
            return None
        own = {f"http://{host}".lower(), f"https://{host}".lower()}
        foreign = headers.get("origin", f"http://{host}").lower() not in own
        if foreign or headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return foreign_origin()
        return None

    def _headers(self, scope: Scope, message: Message) -> list[tuple[bytes, bytes]]:
        path = scope["path"]
        docs = path == DOCS or path.startswith(f"{DOCS}/")
        given = {name.lower(): value for name, value in message["headers"]}
        headers = _HEADERS_OF_DOCS if docs else SECURITY_HEADERS
        if not docs and given.get(b"content-type", b"").startswith(_PARTS):
            headers = _HEADERS_OF_PARTS
        if b"cache-control" in given:
            return headers
        # Conversations stay out of every cache; the page is asked for anew, so an update shows.
        policy = b"no-store" if path.startswith("/v1/") else b"no-cache"
        return [*headers, (b"cache-control", policy)]
