"""Shows which channels the operator has set for messages to people."""

from typing import Any

from fastapi import APIRouter

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import ContextDep
from services.api.problems.openapi import problem_responses
from services.api.schemas.notifications import NotificationsOut
from shared.presentation.serializers import format_timestamp
from shared.store import ChannelProgress

router = APIRouter(prefix="/v1/notifications", tags=["notifications"])


@router.get("", response_model=NotificationsOut, responses=problem_responses())
async def read_notifications(context: ContextDep, principal: PrincipalDep) -> dict[str, Any]:
    """List the channels that get events of your tasks, without addresses; an admin sees all.

    The operator sets them in a file of the pollers. A change is shown within a minute.
    """
    owner = principal.visible_owner
    shown = []
    for channel in await context.notifications.channels():
        if owner is not None and channel.owners is not None and owner not in channel.owners:
            continue
        # The time of a shared channel's message would show when another owner's task ended.
        own = owner is None or channel.owners == [owner]
        progress = await context.notifications.progress(channel.name) if own else ChannelProgress()
        shown.append(
            {
                "name": channel.name,
                "service": channel.service,
                "events": channel.events,
                "owners": None if owner is not None else channel.owners,
                "last_sent_at": format_timestamp(progress.last_sent_at),
                "failing_since": format_timestamp(progress.failing_since),
                "problem": progress.problem,
            }
        )
    return {"channels": shown}
