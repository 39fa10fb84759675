"""Exports a task or a thread as JSON or Markdown, which POST /v1/tasks accepts again."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Response
from starlette.responses import StreamingResponse

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import AppContext, ContextDep, TaskDep
from services.api.http.accept import best_match
from services.api.http.content_disposition import attachment_header
from services.api.http.media_types import JSON, MARKDOWN
from services.api.problems.errors import NotAcceptable
from services.api.problems.openapi import ATTACHMENT, TASK_PROBLEMS, problem_responses
from services.api.schemas.task import ExportOut, ThreadExportOut
from services.api.tasks.create import task_body
from services.api.tasks.thread import Thread, thread
from services.api.transcript.writer import write
from shared.domain.errors import TaskNotFound
from shared.presentation.export_format import export_document

router = APIRouter(prefix="/v1/tasks/{task_id}", tags=["exports"])

EXTENSIONS = {JSON: "json", MARKDOWN: "md"}

_FILE: dict[str, Any] = {
    "headers": ATTACHMENT,
    "content": {MARKDOWN: {"schema": {"type": "string"}}},
}

Accept = Annotated[str, Header(include_in_schema=False)]


@router.get(
    "/export",
    response_model=ExportOut,
    responses={200: _FILE, **problem_responses(*TASK_PROBLEMS, "not-acceptable")},
)
async def export_task(task: TaskDep, context: ContextDep, accept: Accept = "") -> Response:
    """Export a task. POST /v1/tasks accepts the export unchanged, as JSON or Markdown.

    Append a marker line and a question to the Markdown to continue the conversation.
    """
    form = _form(accept)
    whole = await task_body(task, context)
    content = write(whole) if form == MARKDOWN else orjson.dumps(export_document(whole))
    return Response(content, headers=_headers(form, task.id, task.title))


@router.get(
    "/thread/export",
    response_model=ThreadExportOut,
    responses={200: _FILE, **problem_responses(*TASK_PROBLEMS, "not-acceptable")},
)
async def export_thread(
    task: TaskDep, context: ContextDep, principal: PrincipalDep, accept: Accept = ""
) -> Response:
    """Export a thread. POST /v1/tasks accepts each of its tasks.

    The response is streamed task by task; on an error the connection is aborted.
    """
    form = _form(accept)
    found = await thread(task, context.store, principal.can_view)
    pieces = _markdown(found, context) if form == MARKDOWN else _json(found, context)
    name = f"thread-{found.root}"
    return StreamingResponse(pieces, headers=_headers(form, name, found.tasks[0].title))


def _form(accept: str) -> str:
    form = best_match(accept, list(EXTENSIONS))
    if form is None:
        raise NotAcceptable(list(EXTENSIONS))
    return form


def _headers(form: str, name: str, title: str) -> dict[str, str]:
    return {
        "Content-Type": f"{form}; charset=utf-8" if form == MARKDOWN else form,
        "Content-Disposition": attachment_header(name, title, EXTENSIONS[form]),
        "Vary": "Accept",
    }


async def _json(found: Thread, context: AppContext) -> AsyncIterator[bytes]:
    """ThreadExportOut, with only one task in memory at a time."""
    yield b'{"root":%b,"tasks":[' % orjson.dumps(found.root)
    between = b""
    async for whole in _wholes(found, context):
        yield between + orjson.dumps(export_document(whole))
        between = b","
    yield b'],"truncated":%b}' % orjson.dumps(found.truncated)


async def _markdown(found: Thread, context: AppContext) -> AsyncIterator[str]:
    async for whole in _wholes(found, context):
        yield write(whole)


async def _wholes(found: Thread, context: AppContext) -> AsyncIterator[dict[str, Any]]:
    """The tasks one at a time, without those deleted meanwhile."""
    for task in found.tasks:
        try:
            whole = await task_body(task, context)
        except TaskNotFound:
            continue
        yield whole
