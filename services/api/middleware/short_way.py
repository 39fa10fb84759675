"""The short way for the request that matters most: FastAPI's takes longer than all the rest of it.

What a route asks for, FastAPI finds out anew for each request, by way of a dozen layers.
"""

from collections.abc import Sequence

import orjson
from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.dependencies import KEY_LENGTH, Context
from services.api.problems import responses
from services.api.routes.tasks import submit_task
from services.api.schemas.task import NewTask
from services.api.tasks.create import JSON


class ShortWay:
    """Accepts a task that comes as JSON, with nothing in its address, and is as it should be.

    Anything else, and all that is wrong, is left to the application: it alone says what.
    """

    path = "/v1/tasks"
    """The route that this stands for, as the log and the metrics call it."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != self.path or not _is_common(scope):
            await self._app(scope, receive, send)
            return
        body = [await receive()]
        while body[-1].get("more_body"):
            body.append(await receive())
        new = _read(body)
        if new is None:
            await self._app(scope, _once_more(body, receive), send)
            return
        scope["route"] = self
        keys = _sent(scope, b"idempotency-key")
        key = keys[0].decode("latin-1") if keys else None
        try:
            response = await submit_task(new, self._context, scope["state"]["caller"], key)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it has an answer
            response = responses.failure(error, reading=False)
        await response(scope, receive, send)


def _is_common(scope: Scope) -> bool:
    keys = _sent(scope, b"idempotency-key")
    return (
        scope["method"] == "POST"
        and "caller" in scope["state"]
        and not scope["query_string"]
        and _sent(scope, b"content-type") == [JSON.encode()]
        and len(_sent(scope, b"content-length")) == 1  # the application counts what has none
        and len(keys) <= 1
        and all(0 < len(key) <= KEY_LENGTH for key in keys)
    )


def _sent(scope: Scope, wanted: bytes) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == wanted]


def _read(body: Sequence[Message]) -> NewTask | None:
    if body[-1]["type"] != "http.request":  # the client left
        return None
    text = b"".join(part.get("body", b"") for part in body)
    try:
        return NewTask.model_validate(orjson.loads(text))
    except (orjson.JSONDecodeError, ValidationError):
        return None


def _once_more(body: Sequence[Message], receive: Receive) -> Receive:
    parts = iter(body)

    async def repeated() -> Message:
        return next(parts, None) or await receive()

    return repeated
