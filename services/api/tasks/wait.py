"""Waits with a client until its task changes."""

from functools import partial

from starlette.types import Receive

from services.api.auth.principal import Principal
from services.api.dependencies import AppContext, load_task
from services.api.events import long_poll
from shared.domain.task import Task


async def wait_for_change(
    task: Task, context: AppContext, principal: Principal, receive: Receive, limit_s: float
) -> Task:
    """Return the task once it has changed, the client has left or ``limit_s`` have passed.

    The owner's other requests are served meanwhile. Raises TooManySubscribers, TaskNotFound.
    """
    async with principal.slot.given_back():
        return await long_poll.wait_for_change(
            context.broadcaster,
            task,
            partial(load_task, task.id, context, principal),
            receive,
            limit_s,
            owner=principal.owner,
            share=context.share_of_subscribers(principal.owner),
        )
