"""What the routes work with, built once a process and handed to each by FastAPI."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Path, Request

from services.api.caller import Caller, CallerDep
from services.api.rendering.renderer import Renderer
from services.api.schemas import TASK_ID
from services.api.settings import ApiSettings
from shared.errors import TaskNotFound
from shared.store import Fleet, Gate, Store
from shared.task import Task


@dataclass(frozen=True, slots=True)
class Context:
    """The process's parts."""

    settings: ApiSettings
    store: Store
    gate: Gate
    fleet: Fleet
    renderer: Renderer
    new_task_id: Callable[[], str]


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


def _task_id(task_id: Annotated[str, Path(examples=["task_0f3a5c…"])]) -> str:
    """An id that cannot be one names no task; it never reaches the store."""
    if not re.fullmatch(TASK_ID, task_id):
        raise TaskNotFound(task_id)
    return task_id


ContextDep = Annotated[Context, Depends(_context)]
TaskId = Annotated[str, Depends(_task_id)]


async def load_task(task_id: str, context: Context, caller: Caller) -> Task:
    """The task, if the caller may see it. Raises TaskNotFound."""
    task = (await context.store.load(task_id)).task
    if not caller.may_see(task):
        raise TaskNotFound(task_id)
    return task


async def _task(task_id: TaskId, context: ContextDep, caller: CallerDep) -> Task:
    return await load_task(task_id, context, caller)


TaskDep = Annotated[Task, Depends(_task)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same key with the same body is the same task, however often it is sent.",
    ),
]
