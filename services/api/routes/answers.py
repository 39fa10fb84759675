"""What a task brought: the answer in three forms, and the provider's object untouched."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from services.api.dependencies import AppContext, ContextDep, TaskDep
from services.api.http.accept import best_match
from services.api.http.media_types import JSON
from services.api.problems.errors import AnswerNotAvailable, NotAcceptable
from services.api.problems.openapi import TASK_PROBLEMS, problem_responses
from shared.domain.task import Task
from shared.openai.response import Response as ProviderResponse

router = APIRouter(prefix="/v1/tasks", tags=["answers"])

FORMS = ("text/markdown", "text/plain", "text/html")


@router.get(
    "/{task_id}/answer",
    response_class=Response,
    responses={
        200: {"content": {form: {"schema": {"type": "string"}} for form in FORMS}},
        **problem_responses(*TASK_PROBLEMS, "answer-not-available", "not-acceptable"),
    },
)
async def read_answer(
    task: TaskDep,
    context: ContextDep,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """The answer as Markdown (by default), as plain text, or as sanitised HTML.

    The HTML is a fragment; `#source-1` is the anchor of the first source.
    """
    form = best_match(accept, FORMS)
    if form is None:
        raise NotAcceptable(FORMS)
    response = ProviderResponse.parse(await _body(task, context))
    text = response.output_text if response else ""
    if response is None or not text:
        raise AnswerNotAvailable
    if form == "text/html":
        text = await context.renderer.html(task.id, text, response.citations)
    return Response(text, media_type=f"{form}; charset=utf-8", headers={"Vary": "Accept"})


@router.get(
    "/{task_id}/response",
    response_class=Response,
    responses={
        200: {"content": {JSON: {"schema": {"type": "object"}}}},
        **problem_responses(*TASK_PROBLEMS, "answer-not-available"),
    },
)
async def read_response(task: TaskDep, context: ContextDep) -> Response:
    """The provider's response object, byte for byte as it came."""
    return Response(await _body(task, context), media_type=JSON)


async def _body(task: Task, context: AppContext) -> bytes:
    body = await context.store.response(task.id)
    if body is None:
        raise AnswerNotAvailable
    return body
