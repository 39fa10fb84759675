"""What the routes work with, built once a process and handed to each by FastAPI."""

import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Annotated

from fastapi import Depends, Header, Path, Request

from services.api.auth.principal import Principal, PrincipalDep
from services.api.auth.token_registry import TokenRegistry
from services.api.events.broadcaster import Hub
from services.api.rendering.renderer import Renderer
from services.api.schemas.task import TASK_ID
from services.api.search.service import Search
from services.api.settings import ApiSettings
from shared.domain.errors import TaskDeleted, TaskNotFound
from shared.domain.task import Task
from shared.store import Fleet, Gate, Store


@dataclass(frozen=True, slots=True)
class AppContext:
    """The process's parts."""

    settings: ApiSettings
    store: Store
    gate: Gate
    fleet: Fleet
    renderer: Renderer
    new_task_id: Callable[[], str]
    hub: Hub
    search: Search
    _: KW_ONLY
    token_registry: TokenRegistry


# These are coroutines because FastAPI runs any other function in a thread of its own.
async def _context(request: Request) -> AppContext:
    context: AppContext = request.app.state.context
    return context


async def _task_id(task_id: Annotated[str, Path(json_schema_extra={"pattern": TASK_ID})]) -> str:
    """An id that cannot be one names no task; it never reaches the store."""
    if not re.fullmatch(TASK_ID, task_id):
        raise TaskNotFound(task_id)
    return task_id


ContextDep = Annotated[AppContext, Depends(_context)]
TaskId = Annotated[str, Depends(_task_id)]


async def load_task(task_id: str, context: AppContext, principal: Principal) -> Task:
    """The task, if the caller may see it. Raises TaskNotFound, or more closely TaskDeleted."""
    # Another's task is refused here, by the same question and answer as one that never was: the
    # time that it takes tells no difference.
    owner = principal.visible_owner
    if owner is not None and not await context.store.owns(owner, task_id):
        raise TaskNotFound(task_id)
    try:
        task = (await context.store.load(task_id)).task
    except TaskDeleted as error:
        if principal.can_view(error.tombstone):
            raise
        raise TaskNotFound(task_id) from None
    if not principal.can_view(task):
        raise TaskNotFound(task_id)
    return task


async def _task(task_id: TaskId, context: ContextDep, principal: PrincipalDep) -> Task:
    return await load_task(task_id, context, principal)


TaskDep = Annotated[Task, Depends(_task)]
MAX_KEY_LENGTH = 255
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=MAX_KEY_LENGTH,
        description="The same key with the same body is the same task, however often it is sent.",
    ),
]
