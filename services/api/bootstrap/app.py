"""Assembles the application from its routes, middleware and connected parts."""

from collections.abc import MutableMapping, Sequence
from time import monotonic
from typing import Any, Protocol

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from services.api.dependencies import AppContext
from services.api.http.limits import MAX_BODY_BYTES
from services.api.middleware.authentication import AuthenticationMiddleware
from services.api.middleware.host_origin import HostOriginMiddleware
from services.api.middleware.pieces import PiecesMiddleware
from services.api.middleware.request_log import RequestLogMiddleware
from services.api.middleware.retry_advice import RetryAdviceMiddleware
from services.api.middleware.root_path import RootPathMiddleware
from services.api.problems.exception_handlers import register_exception_handlers
from services.api.routes import (
    actions,
    annotations,
    answers,
    deletion,
    estimate,
    events,
    exports,
    health,
    me,
    metrics,
    models,
    notifications,
    pages,
    presets,
    responses,
    spending,
    submission,
    tasks,
    threads,
    webhook_endpoints,
    webhooks,
)
from services.api.schemas.examples import TASK
from services.api.schemas.problem import Problem
from shared.openai.model import ACTIVE
from shared.runtime.ids import new_token
from shared.version import VERSION

GZIP_MIN_BYTES = 500
"""Smaller responses hardly shrink."""

GZIP_LEVEL = 5
"""A megabyte of text takes 20 ms, in a thread."""

ROUTERS = [
    module.router
    for module in (
        submission,
        tasks,
        actions,
        annotations,
        answers,
        threads,
        exports,
        deletion,
        events,
        spending,
        estimate,
        responses,
        models,
        me,
        presets,
        webhook_endpoints,
        notifications,
        webhooks,
        health,
        metrics,
    )
]

DESCRIPTION = f"""\
Backburner runs long `{ACTIVE.name}` tasks in the background. Submit a conversation and come
back for the answer: no accepted task is lost, and none is paid for twice unless you say so.

Errors are RFC 9457 problem documents. The model and its parameters are fixed in code.
"""


class Application(FastAPI):
    """FastAPI, with an OpenAPI document that it cannot derive from the routes alone."""

    def openapi(self) -> dict[str, Any]:
        """Add the schema that problem responses refer to, and an example of a task."""
        if self.openapi_schema is not None:
            return self.openapi_schema
        document = super().openapi()
        _, named = models_json_schema(
            [(Problem, "serialization")],
            ref_template="#/components/schemas/{model}",
        )
        schemas = document["components"]["schemas"]
        schemas |= named["$defs"]
        schemas["TaskOut"]["examples"] = [TASK]
        _drop_null_defaults(document)
        for methods in document["paths"].values():
            for call in methods.values():
                if "security" in call:  # a token is needed only where there are tokens
                    call["security"].append({})
        return document


def _drop_null_defaults(part: object) -> None:
    """Generators take a field with the default null for one that is always there."""
    if isinstance(part, dict):
        if ("title" in part or "anyOf" in part) and part.get("default", ...) is None:
            del part["default"]
        for each in part.values():
            _drop_null_defaults(each)
    elif isinstance(part, list):
        for each in part:
            _drop_null_defaults(each)


class McpApp(Protocol):
    """The endpoint for agents, which calls the application that it is a part of."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

    def connect(self, app: ASGIApp) -> None:
        """Call this application from now on."""


def create_app(context: AppContext, mcp: McpApp | None = None) -> ASGIApp:
    """The application behind its middleware."""
    root_path = context.settings.root_path
    app = Application(
        title="Backburner",
        description=DESCRIPTION,
        version=VERSION,
        servers=[{"url": root_path}] if root_path else None,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        max_body_size=MAX_BODY_BYTES,
        telemetry={
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
            "exclude": _is_untraced,
        },
    )
    app.state.context = context
    register_exception_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    if mcp:
        app.router.routes.append(Route("/mcp", endpoint=mcp, methods=["GET", "POST", "DELETE"]))
    pages.install(app, root_path)
    wrapped = _wrap(app, _middleware(context))
    if mcp:
        mcp.connect(wrapped)
    return wrapped


def _middleware(context: AppContext) -> list[Middleware]:
    """From the outermost, which sees a request first, to the innermost."""
    root_path = context.settings.root_path
    return [
        *([Middleware(RootPathMiddleware, root_path=root_path)] if root_path else []),
        Middleware(PiecesMiddleware),
        Middleware(RetryAdviceMiddleware),
        Middleware(RequestLogMiddleware, new_id=new_token),
        Middleware(HostOriginMiddleware, allowed_hosts=context.settings.allowed_hosts),
        Middleware(AuthenticationMiddleware, tokens=context.token_registry, clock=monotonic),
        Middleware(GZipMiddleware, minimum_size=GZIP_MIN_BYTES, compresslevel=GZIP_LEVEL),
    ]


def _wrap(app: ASGIApp, middleware: Sequence[Middleware]) -> ASGIApp:
    # Not add_middleware: FastAPI runs its own inside its handler of unexpected errors and its
    # body limit, so a 500 and a 413 would have neither request id nor security headers.
    for each in reversed(middleware):
        app = each.cls(app, *each.args, **each.kwargs)
    return app


def _is_untraced(scope: MutableMapping[str, Any]) -> bool:
    """Exclude from traces: pages, health, and the event stream, which lasts for hours."""
    path = scope["path"]
    return not path.startswith("/v1/") or path == "/v1/events"
