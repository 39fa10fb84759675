"""Builds the simulator's ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from services.simulator.control import control_routes
from services.simulator.delivery import CloseConnection, Reply
from services.simulator.errors import ApiError
from services.simulator.headers import ProviderHeaders
from services.simulator.routes import published_routes
from services.simulator.simulator import Simulator
from services.simulator.webhooks import Webhooks, poster

_MAX_BODY_BYTES = 20 * 1024**2


def create_app(simulator: Simulator, drop: CloseConnection) -> ASGIApp:
    """Return the application. ``drop`` closes the connection of a request."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sending = asyncio.create_task(_send_webhooks(simulator))
        yield
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending

    app = FastAPI(
        title="Backburner's simulator",
        lifespan=lifespan,
        max_body_size=_MAX_BODY_BYTES,
        openapi_url=None,
    )
    app.include_router(published_routes(simulator, drop))
    app.include_router(control_routes(simulator))
    app.add_api_route("/healthz", _healthz)
    app.add_exception_handler(HTTPException, _handle_http_error)
    app.add_exception_handler(RequestValidationError, _handle_invalid_query)
    return ProviderHeaders(app)


async def _send_webhooks(simulator: Simulator) -> None:
    settings = simulator.settings
    if settings.webhook_url:
        post = poster(str(settings.webhook_url))
        await Webhooks(simulator, settings.webhook_secret, post).run()


async def _healthz() -> dict[str, str]:
    return {"status": "ok"}


def _envelope(error: ApiError) -> Response:
    reply = Reply.error(error)
    return Response(reply.body, reply.status, media_type="application/json")


async def _handle_http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    if status == HTTPStatus.NOT_FOUND:
        detail = f"Invalid URL ({request.method} {request.url.path})"
    return _envelope(ApiError(status, detail))


async def _handle_invalid_query(_: Request, error: Exception) -> Response:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    return _envelope(ApiError(400, "; ".join(str(problem["msg"]) for problem in problems)))
