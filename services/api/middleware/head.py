"""Answers HEAD wherever GET is answered, as HTTP has it: the same headers, and no body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENDLESS = "/v1/events"
"""Its GET has no end, so nothing can be said of it without following it."""


class Head:
    """Has the application answer a GET and keeps the body back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is no HEAD as it is."""
        heads = scope["type"] == "http" and scope["method"] == "HEAD"
        if not heads or scope["path"] == ENDLESS:
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, send_head)
