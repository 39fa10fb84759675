"""Serves the client's MCP tools at /mcp, by calling the API itself with the caller's token.

So every rule of the HTTP interface holds for agents, too: owners, limits, budgets, idempotency.
Imported only if BACKBURNER_MCP is set: the package mcp is an extra.
"""

from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio.from_thread
import httpx
from mcp.server.mcpserver import Context
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from backburner import mcp_tools
from backburner.client import Client

PATH = "/mcp"
METHODS = ["GET", "POST", "DELETE"]
BASE_URL = "http://127.0.0.1"


class AppTransport(httpx.BaseTransport):
    """Sends the requests of a client in a worker thread to an application in the event loop."""

    def __init__(self, app: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the whole response."""
        return anyio.from_thread.run(self._send, request)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        body = b"".join([chunk async for chunk in response.aiter_raw()])
        return httpx.Response(
            response.status_code, headers=response.headers, stream=httpx.ByteStream(body)
        )


class McpEndpoint:
    """The endpoint for ``PATH``. ``connect`` gives it the application, of which it is a part."""

    def __init__(self) -> None:
        self._server = mcp_tools.build_server(self._client, files_from=None)
        # Stateless, so any replica serves any call. HostOriginMiddleware checks Host and Origin.
        self._app = self._server.streamable_http_app(
            streamable_http_path=PATH,
            stateless_http=True,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        self._transport: AppTransport | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, authenticated by then."""
        await self._app(scope, receive, send)

    def connect(self, app: ASGIApp) -> None:
        """Call this application from now on."""
        self._transport = AppTransport(app)

    def run(self) -> AbstractAsyncContextManager[None]:
        """Serve while the context is open."""
        return self._server.session_manager.run()

    def _client(self, ctx: Context[Any, Any]) -> Client:
        request = ctx.request_context.request
        header = request.headers.get("authorization", "") if request else ""
        token = header.partition(" ")[2].strip()
        # A word where no token is needed: else the client would read one from the environment.
        return Client(BASE_URL, token or "none", retry_for=5.0, transport=self._transport)
