"""Puts the application together from parts that are already connected."""

from collections.abc import MutableMapping
from time import monotonic
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema
from starlette.types import ASGIApp

from services.api.dependencies import Context
from services.api.middleware.authentication import Authentication
from services.api.middleware.compression import Compression
from services.api.middleware.head import Head
from services.api.middleware.host_origin import MAX_BODY, Guard
from services.api.middleware.request_log import Access
from services.api.middleware.short_way import ShortWay
from services.api.problems import exception_handlers
from services.api.routes import (
    actions,
    answers,
    deletion,
    estimate,
    events,
    exports,
    health,
    metrics,
    pages,
    spending,
    tasks,
    threads,
    webhooks,
)
from services.api.schemas.examples import TASK
from services.api.schemas.task import NewTask, Problem
from shared.runtime.ids import new_token

DESCRIPTION = """\
Backburner keeps long `gpt-5-pro` answers cooking while nobody watches. Hand in a conversation,
come back for the answer: no accepted task is lost, and none is paid for twice without your word.

Errors are RFC 9457 problem documents. The model and its parameters are fixed in code.
"""


class Application(FastAPI):
    """FastAPI, with what it cannot say of itself in its description."""

    def openapi(self) -> dict[str, Any]:
        """Adds what routes name by reference alone, and an example with nulls."""
        document = super().openapi()
        _, named = models_json_schema(
            [(Problem, "serialization"), (NewTask, "validation")],
            ref_template="#/components/schemas/{model}",
        )
        schemas = document["components"]["schemas"]
        schemas |= named["$defs"]
        schemas["TaskOut"]["examples"] = [TASK]
        return document


def create_app(context: Context) -> ASGIApp:
    """The application, with the guard before everything."""
    app = Application(
        title="Backburner",
        description=DESCRIPTION,
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        max_body_size=MAX_BODY,
        telemetry={
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
            "exclude": _not_about_a_task,
        },
    )
    app.state.context = context
    exception_handlers.install(app)
    app.include_router(tasks.router)
    app.include_router(actions.router)
    app.include_router(answers.router)
    app.include_router(threads.router)
    app.include_router(exports.router)
    app.include_router(deletion.router)
    app.include_router(events.router)
    app.include_router(spending.router)
    app.include_router(estimate.router)
    app.include_router(webhooks.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    pages.install(app)
    # FastAPI's own spans begin in FastAPI.
    traced = context.settings.otlp_endpoint is not None
    whole: ASGIApp = app if traced else ShortWay(app, context)
    known = Authentication(Head(Compression(whole)), context.register, monotonic)
    return Access(Guard(known, context.settings.allowed_hosts), new_token)


def _not_about_a_task(scope: MutableMapping[str, Any]) -> bool:
    """What is not worth a trace: pages, health, and a stream of events, which lasts for hours."""
    path = scope["path"]
    return not path.startswith("/v1/") or path == "/v1/events"
