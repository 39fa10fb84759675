"""Answers are compressed for whoever takes them so, but for a stream of events."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.http.accept import preferred

SMALLEST = 300
"""Bytes; the page has dozens of parts of a few hundred, and less than that hardly shrinks."""

LEVEL = 5
"""A megabyte of text takes 20 ms, in a thread."""

NOT_MODIFIED = 304


class Compression:
    """Starlette's gzip, with the weights of Accept-Encoding and one ETag for one sequence of bytes.

    A strong ETag becomes weak where its bytes are compressed: it still tells that nothing changed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._gzip = GZipMiddleware(app, minimum_size=SMALLEST, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, compressed or not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not takes_gzip(Headers(scope=scope)):
            await self._app(scope, receive, _varying(send))
            return

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                _name(MutableHeaders(raw=message["headers"]), message["status"])
            await send(message)

        # Starlette's knows no weights. In place: the log reads from it which route was found.
        others = [each for each in scope["headers"] if each[0] != b"accept-encoding"]
        scope["headers"] = [*others, (b"accept-encoding", b"gzip")]
        await self._gzip(scope, receive, send_named)


def _varying(send: Send) -> Send:
    async def send_varying(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(raw=message["headers"]).add_vary_header("Accept-Encoding")
        await send(message)

    return send_varying


def takes_gzip(headers: Headers) -> bool:
    """Whether the client would rather have it compressed."""
    accepted = ",".join(headers.getlist("accept-encoding"))
    # An empty header, as none at all, asks for the bytes as they are.
    return bool(accepted) and preferred(accepted, ["gzip", "identity"]) == "gzip"


def _name(headers: MutableHeaders, status: int) -> None:
    etag = headers.get("etag", "")
    if "content-encoding" in headers and etag:
        headers["etag"] = etag if etag.startswith("W/") else f"W/{etag}"
        del headers["last-modified"]  # the ETag tells it better, and headers are not compressed
        del headers["accept-ranges"]  # nor are there any of what is compressed on the way
    if status == NOT_MODIFIED:
        headers.add_vary_header("Accept-Encoding")
