"""Sends large bodies in pieces, so that a slow client holds one piece in the send buffer."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PIECE_BYTES = 64 * 1024
"""As much as the server buffers before it waits for the client."""


class PiecesMiddleware:
    """Splits each body of a response into pieces; the server waits between them for the client."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def send_pieces(message: Message) -> None:
            body = message.get("body", b"")
            if len(body) <= PIECE_BYTES:
                await send(message)
                return
            for start in range(0, len(body), PIECE_BYTES):
                more = message.get("more_body", False) or start + PIECE_BYTES < len(body)
                piece = body[start : start + PIECE_BYTES]
                await send({"type": message["type"], "body": piece, "more_body": more})

        await self._app(scope, receive, send_pieces)
