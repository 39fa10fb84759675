"""Bounds the body of a request that holds no conversation."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from services.api.http.limits import MAX_ACTION_BYTES
from services.api.problems.errors import BodyTooLarge


class ActionRoute(APIRoute):
    """A route whose body FastAPI parses only if it is small."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, behind the check."""
        handle = super().get_route_handler()
        check = _check_length if self.body_field is None else read_small_body

        async def check_and_handle(request: Request) -> Response:
            await check(request)
            return await handle(request)

        return check_and_handle


async def read_small_body(request: Request) -> bytes:
    """The body. Raises BodyTooLarge, before it is read if Content-Length says so."""
    await _check_length(request)
    body = await request.body()
    if len(body) > MAX_ACTION_BYTES:
        raise BodyTooLarge(MAX_ACTION_BYTES)
    return body


async def _check_length(request: Request) -> None:
    # The middleware has refused what is no number there.
    if int(request.headers.get("content-length", "0")) > MAX_ACTION_BYTES:
        raise BodyTooLarge(MAX_ACTION_BYTES)
