"""What the routes work with, built once a process and handed to each by FastAPI."""

import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Annotated

from fastapi import Depends, Header, Path, Request

from services.api.auth.principal import Caller, CallerDep
from services.api.auth.token_registry import Register
from services.api.events.broadcaster import Hub
from services.api.rendering.renderer import Renderer
from services.api.schemas.task import TASK_ID
from services.api.search.service import Search
from services.api.settings import ApiSettings
from shared.domain.errors import TaskDeleted, TaskNotFound
from shared.domain.task import Task
from shared.store import PollerRegistry, Store, SubmissionGate


@dataclass(frozen=True, slots=True)
class Context:
    """The process's parts."""

    settings: ApiSettings
    store: Store
    gate: SubmissionGate
    fleet: PollerRegistry
    renderer: Renderer
    new_task_id: Callable[[], str]
    hub: Hub
    search: Search
    _: KW_ONLY
    register: Register


# These are coroutines because FastAPI runs any other function in a thread of its own.
async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


async def _task_id(task_id: Annotated[str, Path(json_schema_extra={"pattern": TASK_ID})]) -> str:
    """An id that cannot be one names no task; it never reaches the store."""
    if not re.fullmatch(TASK_ID, task_id):
        raise TaskNotFound(task_id)
    return task_id


ContextDep = Annotated[Context, Depends(_context)]
TaskId = Annotated[str, Depends(_task_id)]


async def load_task(task_id: str, context: Context, caller: Caller) -> Task:
    """The task, if the caller may see it. Raises TaskNotFound, or more closely TaskDeleted."""
    # Another's task is refused here, by the same question and answer as one that never was: the
    # time that it takes tells no difference.
    if caller.sees is not None and not await context.store.owns(caller.sees, task_id):
        raise TaskNotFound(task_id)
    try:
        task = (await context.store.load(task_id)).task
    except TaskDeleted as error:
        if caller.may_see(error.tombstone):
            raise
        raise TaskNotFound(task_id) from None
    if not caller.may_see(task):
        raise TaskNotFound(task_id)
    return task


async def _task(task_id: TaskId, context: ContextDep, caller: CallerDep) -> Task:
    return await load_task(task_id, context, caller)


TaskDep = Annotated[Task, Depends(_task)]
KEY_LENGTH = 255
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=KEY_LENGTH,
        description="The same key with the same body is the same task, however often it is sent.",
    ),
]
