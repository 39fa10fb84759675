"""Gives each request an id, logs it, and measures its duration."""

import asyncio
import re
import time
from collections.abc import Callable

import structlog
from prometheus_client import CollectorRegistry, Histogram, PlatformCollector, ProcessCollector
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.http.security_headers import SECURITY_HEADERS
from services.api.middleware.host_origin import SAFE_METHODS
from services.api.problems.responses import shutting_down
from services.api.schemas.task import TASK_ID

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

REQUEST_DURATION = Histogram(
    "backburner_http_request_duration_seconds",
    "Seconds until a response starts, including those that wait for a change (Prefer: wait).",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)

METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
"""Clients may invent others, which must not become labels: they count as ``other``."""

READYZ = "/readyz"
"""Not logged: a 503 is a regular answer, and health_check logs the reason."""

BOUND_FIELDS = ("accepted", "replayed")
"""Fields that a route adds to the log line of its request."""

_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)

log = structlog.get_logger("services.api")


class RequestLogMiddleware:
    """Takes X-Request-Id from the client or creates one; logs changes and server errors."""

    def __init__(self, app: ASGIApp, new_id: Callable[[], str]) -> None:
        self._app = app
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else self._new_id()
        began = time.perf_counter()
        answered: list[tuple[int, float]] = []

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.append((message["status"], time.perf_counter() - began))
                name = (b"x-request-id", request_id.encode())
                message["headers"] = [*message["headers"], name]
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, send_named)
        except asyncio.CancelledError:
            # The process shuts down: uvicorn would log a traceback and answer a plain-text 500.
            if not answered:
                answer = shutting_down()
                answer.raw_headers.extend(SECURITY_HEADERS)
                await answer(scope, receive, send_named)
        finally:
            _log_request(scope, *(answered[0] if answered else (499, time.perf_counter() - began)))
            structlog.contextvars.unbind_contextvars("request_id", *BOUND_FIELDS)


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    """Count and log the request; status 499 means that the client disconnected first."""
    method = scope["method"] if scope["method"] in METHODS else "other"
    route = getattr(scope.get("route"), "path", "none")
    failed = status >= 500  # noqa: PLR2004 -- HTTP
    REQUEST_DURATION.labels(method, route, status).observe(seconds)
    if route == READYZ or (method in SAFE_METHODS and not failed):
        return
    task_id = scope.get("path_params", {}).get("task_id", "")
    task = {"task": task_id} if re.fullmatch(TASK_ID, task_id) else {}
    write = log.warning if failed else log.info
    write(
        "request_completed",
        method=method,
        route=route,
        status=status,
        ms=round(seconds * 1000),
        **task,
    )
