"""The simulator as an ASGI application."""

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
from services.simulator.delivery import Drop, Reply
from services.simulator.errors import ApiError
from services.simulator.headers import RealHeaders
from services.simulator.routes import published_routes
from services.simulator.simulator import Simulator
from services.simulator.webhooks import Webhooks, poster

_LARGEST_BODY = 20 * 1024**2


def create_app(simulator: Simulator, drop: Drop) -> ASGIApp:
    """The application; `drop` closes the connection that a request came in on."""

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
        max_body_size=_LARGEST_BODY,
        openapi_url=None,
    )
    app.include_router(published_routes(simulator, drop))
    app.include_router(control_routes(simulator))
    app.add_api_route("/healthz", _healthz)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    return RealHeaders(app)


async def _send_webhooks(simulator: Simulator) -> None:
    settings = simulator.settings
    if settings.webhook_url:
        post = poster(str(settings.webhook_url))
        await Webhooks(simulator, settings.webhook_secret, post).run()


async def _healthz() -> dict[str, str]:
    return {"status": "ok"}


def _envelope(error: ApiError) -> Response:
    reply = Reply.refusing(error)
    return Response(reply.body, reply.status, media_type="application/json")


async def _refused(request: Request, refused: Exception) -> Response:
    status = refused.status_code if isinstance(refused, HTTPException) else 500
    detail = refused.detail if isinstance(refused, HTTPException) else ""
    if status == HTTPStatus.NOT_FOUND:
        detail = f"Invalid URL ({request.method} {request.url.path})"
    return _envelope(ApiError(status, detail))


async def _invalid(_: Request, refused: Exception) -> Response:
    reasons = refused.errors() if isinstance(refused, RequestValidationError) else []
    return _envelope(ApiError(400, "; ".join(str(reason["msg"]) for reason in reasons)))
