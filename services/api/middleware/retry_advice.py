"""Tells OpenAI's SDKs not to repeat a request whose repetition could pay twice."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATH = "/v1/responses"
SERVER_ERROR = 500


class RetryAdviceMiddleware:
    """Adds `x-should-retry: false` to a server error, after which the task may exist.

    Only where a repetition could not join that task: without an Idempotency-Key and without the
    count by which newer SDKs mark their retries.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        headers = Headers(scope=scope) if scope["type"] == "http" else {}
        joins = "idempotency-key" in headers or "x-stainless-retry-count" in headers
        if joins or (scope.get("method"), scope.get("path")) != ("POST", PATH):
            await self._app(scope, receive, send)
            return

        async def send_with_advice(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= SERVER_ERROR:
                MutableHeaders(raw=message["headers"])["x-should-retry"] = "false"
            await send(message)

        await self._app(scope, receive, send_with_advice)
