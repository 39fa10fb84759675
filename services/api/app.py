"""Puts the application together from parts that are already connected."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema
from starlette.types import ASGIApp

from services.api import problems
from services.api.context import Context
from services.api.guard import MAX_BODY, Guard
from services.api.routes import actions, answers, health, metrics, pages, tasks, webhooks
from services.api.routes.responses import EXAMPLE_TASK
from services.api.schemas import Problem

DESCRIPTION = """\
Backburner keeps long `gpt-5-pro` answers cooking while nobody watches. Hand in a conversation,
come back for the answer: no accepted task is lost, and none is paid for twice without your word.

Errors are RFC 9457 problem documents. The model and its parameters are fixed in code.
"""


class Application(FastAPI):
    """FastAPI, with what it cannot say of itself in its description."""

    def openapi(self) -> dict[str, Any]:
        """Adds the problem document, which is no application/json, and an example with nulls."""
        document = super().openapi()
        _, problem = models_json_schema(
            [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
        )
        schemas = document["components"]["schemas"]
        schemas |= problem["$defs"]
        schemas["TaskOut"]["examples"] = [EXAMPLE_TASK]
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
        max_body_size=MAX_BODY,
    )
    app.state.context = context
    problems.install(app)
    app.include_router(tasks.router)
    app.include_router(actions.router)
    app.include_router(answers.router)
    app.include_router(webhooks.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    pages.install(app)
    return Guard(app, context.settings.allowed_hosts)
