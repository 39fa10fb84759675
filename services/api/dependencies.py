"""Gives routes the parts of the process, and the task that a request names."""

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated, TypeVar, TypeVarTuple

from fastapi import Depends, Header, Path, Request
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError
from starlette.types import Receive

from services.api.auth.concurrency_limit import ConcurrencyLimiter
from services.api.auth.principal import Principal, PrincipalDep
from services.api.auth.token import Token
from services.api.auth.token_registry import TokenRegistry
from services.api.events.broadcaster import EventBroadcaster
from services.api.events.subscription import Subscription
from services.api.http.limits import LARGE_BODY_BYTES
from services.api.rendering.renderer import Renderer
from services.api.schemas.task import TASK_ID
from services.api.search.service import Search
from services.api.settings import ApiSettings
from shared.domain.errors import TaskDeleted, TaskNotFound
from shared.domain.task import Task
from shared.runtime.resolver import Resolver
from shared.store import (
    NotificationState,
    PollerRegistry,
    Presets,
    Store,
    SubmissionGate,
    WebhookEndpoints,
)
from shared.store.trial import StoreTrial

Ts = TypeVarTuple("Ts")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AppContext:
    """The parts of the process, created once."""

    settings: ApiSettings
    store: Store
    gate: SubmissionGate
    fleet: PollerRegistry
    renderer: Renderer
    new_task_id: Callable[[], str]
    broadcaster: EventBroadcaster
    search: Search
    _: KW_ONLY
    presets: Presets
    webhook_endpoints: WebhookEndpoints
    resolver: Resolver = field(default_factory=Resolver)
    notifications: NotificationState
    token_registry: TokenRegistry
    trial: StoreTrial | None = None
    """What the store refused lately; None only in tests, whose store is in memory."""
    large_texts: ConcurrencyLimiter = field(
        default_factory=lambda: ConcurrencyLimiter(per_owner=1, total=1)
    )
    """Held while a large text is parsed or serialised: each takes many ms of processor time."""

    def share_of_open_tasks(self, owner: str | None) -> int | None:
        """How many unfinished tasks the owner may have; None without tokens."""
        token = self._token(owner)
        half = max(self.settings.max_open_tasks // 2, 1)
        return None if token is None else token.max_open_tasks or half

    def share_of_subscribers(self, owner: str | None) -> int | None:
        """How many clients of the owner may follow events or wait for one; None without tokens."""
        token = self._token(owner)
        half = max(self.settings.max_event_subscribers // 2, 1)
        return None if token is None else token.max_event_subscribers or half

    def share_of_bytes(self, owner: str | None) -> int | None:
        """How many bytes of the owner's texts may be stored; None without tokens."""
        token = self._token(owner)
        return None if token is None else token.max_stored_mb * 1_000_000

    def subscribe(
        self, receive: Receive, owner: str | None
    ) -> AbstractAsyncContextManager[Subscription]:
        """Follow the events while the client stays. Raises TooManySubscribers."""
        return self.broadcaster.subscribe(receive, owner, self.share_of_subscribers(owner))

    async def process_text(
        self, owner: str | None, size: int, function: Callable[[*Ts], T], *args: *Ts
    ) -> T:
        """Call the function; for a large text in a thread, when it is the owner's turn."""
        if size <= LARGE_BODY_BYTES:
            return function(*args)
        async with self.large_texts.slot(owner):
            return await asyncio.to_thread(function, *args)

    def _token(self, owner: str | None) -> Token | None:
        return self.token_registry.tokens.get(owner or "")


# Coroutines, because FastAPI runs other functions in a thread.
async def _context(request: Request) -> AppContext:
    context: AppContext = request.app.state.context
    return context


async def _task_id(task_id: Annotated[str, Path(json_schema_extra={"pattern": TASK_ID})]) -> str:
    """The id; a malformed one is a 404 and never reaches the store."""
    if not re.fullmatch(TASK_ID, task_id):
        raise TaskNotFound(task_id)
    return task_id


ContextDep = Annotated[AppContext, Depends(_context)]
TaskId = Annotated[str, Depends(_task_id)]


async def load_task(task_id: str, context: AppContext, principal: Principal) -> Task:
    """The task, if the principal may see it. Raises TaskNotFound or its subclass TaskDeleted."""
    # The task of another owner gets the same query and response as one that never existed, so that
    # timing does not reveal it.
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
"""Characters of an idempotency key."""


def _bounded_key(key: str) -> str:
    # A header is bytes, and Starlette reads each as a character; most clients send UTF-8. The key
    # stays as Starlette reads it, since earlier versions stored it so.
    characters = key.encode("latin-1").decode("utf-8", "replace")
    if len(characters) > MAX_KEY_LENGTH:
        raise PydanticCustomError("string_too_long", "too long", {"max_length": MAX_KEY_LENGTH})
    return key


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        json_schema_extra={"maxLength": MAX_KEY_LENGTH},
        description="Requests with the same key and body create one task, however often sent.",
    ),
    AfterValidator(lambda key: key and _bounded_key(key)),
]
