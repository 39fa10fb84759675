"""Creates a task from a conversation."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response

from services.api.auth.principal import Principal, PrincipalDep
from services.api.dependencies import AppContext, ContextDep, IdempotencyKey, load_task
from services.api.problems.errors import InvalidRequest
from services.api.problems.openapi import (
    BODY_PROBLEMS,
    LIMIT_PROBLEMS,
    LOCATION,
    problem_responses,
    task_links,
)
from services.api.routes.request_body import MARKDOWN_BODY, ConversationRoute
from services.api.schemas.task import ParentId, TaskCreate, TaskOut, Title
from services.api.tasks.conversation import conversation_errors, default_title, normalise
from services.api.tasks.create import create_task
from shared.domain.errors import TaskDeleted, TaskNotFound, WebhookEndpointNotFound
from shared.store import TaskInsert

router = APIRouter(prefix="/v1/tasks", tags=["tasks"], route_class=ConversationRoute)


@router.post(
    "",
    status_code=202,
    response_model=TaskOut,
    responses=problem_responses(*BODY_PROBLEMS, "task-deleted", *LIMIT_PROBLEMS)
    | {202: {"headers": LOCATION, "links": task_links()}},
    openapi_extra={"requestBody": MARKDOWN_BODY},
)
async def submit_task(
    new: TaskCreate,
    context: ContextDep,
    principal: PrincipalDep,
    *,
    idempotency_key: IdempotencyKey = None,
    title: Annotated[Title | None, Query(description="Takes precedence over the body's.")] = None,
    parent_id: Annotated[ParentId | None, Query(description="Likewise.")] = None,
) -> Response:
    """Submit a conversation. The task is on disk when this answers 202.

    An export of a task is accepted unchanged, as JSON or Markdown.
    """
    messages = normalise(new.input)
    if errors := list(conversation_errors(messages)):
        raise InvalidRequest(errors)
    if parent_id := parent_id or new.parent_id:
        parent_id = await _check_parent(
            parent_id, idempotency_key, context, principal, imported=new.export is not None
        )
    if new.webhook_endpoint:
        await _check_endpoint(new.webhook_endpoint, idempotency_key, context, principal)
    acceptance = TaskInsert(
        context.new_task_id(),
        context.settings.provider,
        title or new.title or default_title(messages),
        orjson.dumps(messages),
        limit=context.settings.max_open_tasks,
        parent_id=parent_id,
        owner=principal.owner,
        idempotency_key=idempotency_key,
        webhook_endpoint=new.webhook_endpoint,
    )
    return await create_task(acceptance, context)


async def _check_endpoint(
    endpoint_id: str, idempotency_key: str | None, context: AppContext, principal: Principal
) -> None:
    """Raise InvalidRequest unless it is the caller's, or this request was accepted before."""
    try:
        await context.webhook_endpoints.load(principal.owner, endpoint_id)
    except WebhookEndpointNotFound:
        if idempotency_key is None or not await context.store.key_exists(
            idempotency_key, principal.owner
        ):
            message = "You have no webhook endpoint with this id."
            raise InvalidRequest([("webhook_endpoint", message)]) from None


async def _check_parent(
    parent_id: str,
    idempotency_key: str | None,
    context: AppContext,
    principal: Principal,
    *,
    imported: bool,
) -> str | None:
    """The parent if the caller may see it, or if this request was accepted before.

    None for an export whose parent is unknown here. Raises InvalidRequest.
    """
    try:
        await load_task(parent_id, context, principal)
    except TaskNotFound as error:
        if imported:
            return None
        if idempotency_key is None or not await context.store.key_exists(
            idempotency_key, principal.owner
        ):
            deleted = isinstance(error, TaskDeleted)
            message = "This task was deleted." if deleted else "There is no task with this id."
            raise InvalidRequest([("parent_id", message)]) from None
    return parent_id
