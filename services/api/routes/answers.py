"""Reads the answer of a task in three media types, and the response of the provider unchanged."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Header, HTTPException, Path, Response

from services.api.dependencies import AppContext, ContextDep, TaskDep
from services.api.http.accept import best_match
from services.api.http.media_types import JSON
from services.api.problems.errors import AnswerNotAvailable, NotAcceptable
from services.api.problems.openapi import TASK_PROBLEMS, problem_responses
from shared.domain.task import Task
from shared.openai.response import Response as ProviderResponse

router = APIRouter(prefix="/v1/tasks", tags=["answers"])

MEDIA_TYPES = ("text/markdown", "text/plain", "text/html")


@router.get(
    "/{task_id}/answer",
    response_class=Response,
    responses={
        200: {"content": {each: {"schema": {"type": "string"}} for each in MEDIA_TYPES}},
        **problem_responses(*TASK_PROBLEMS, "answer-not-available", "not-acceptable"),
    },
)
async def read_answer(
    task: TaskDep,
    context: ContextDep,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Read the answer as Markdown (default), plain text or sanitised HTML.

    The HTML is a fragment; `#source-1` names the first source, `#footnote-1` the first item of
    `ol.footnotes`.
    """
    media_type = best_match(accept, MEDIA_TYPES)
    if media_type is None:
        raise NotAcceptable(MEDIA_TYPES)
    body = await _body(task, context)
    response = await context.process_text(task.owner, len(body), ProviderResponse.parse, body)
    text = response.output_text if response else ""
    if response is None or not text:
        raise AnswerNotAvailable(task.is_terminal, response=True)
    if media_type == "text/html":
        text = await context.renderer.html(task.id, text, response.citations, owner=task.owner)
    return Response(text, media_type=f"{media_type}; charset=utf-8", headers={"Vary": "Accept"})


@router.get(
    "/{task_id}/messages/{index}",
    response_class=Response,
    responses={
        200: {"content": {each: {"schema": {"type": "string"}} for each in MEDIA_TYPES}},
        **problem_responses(*TASK_PROBLEMS, "not-acceptable", "invalid-request"),
    },
)
async def read_message(
    task: TaskDep,
    context: ContextDep,
    index: Annotated[int, Path(ge=0, description="Its place in `input`, from 0.")],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Read one message of the input in the forms of an answer, to show earlier turns."""
    media_type = best_match(accept, MEDIA_TYPES)
    if media_type is None:
        raise NotAcceptable(MEDIA_TYPES)
    conversation = await context.store.conversation(task.id)
    size = len(conversation)
    messages = await context.process_text(task.owner, size, orjson.loads, conversation)
    if index >= len(messages):
        raise HTTPException(404)
    text = "\n\n".join(part["text"] for part in messages[index]["content"])
    if media_type == "text/html":
        text = await context.renderer.html(task.id, text, owner=task.owner)
    return Response(text, media_type=f"{media_type}; charset=utf-8", headers={"Vary": "Accept"})


@router.get(
    "/{task_id}/response",
    response_class=Response,
    responses={
        200: {"content": {JSON: {"schema": {"type": "object"}}}},
        **problem_responses(*TASK_PROBLEMS, "answer-not-available"),
    },
)
async def read_response(task: TaskDep, context: ContextDep) -> Response:
    """Read the response object of the provider, byte for byte."""
    return Response(await _body(task, context), media_type=JSON)


async def _body(task: Task, context: AppContext) -> bytes:
    body = await context.store.response(task.id)
    if body is None:
        raise AnswerNotAvailable(task.is_terminal)
    return body
