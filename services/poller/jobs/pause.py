"""Pauses submissions when a call to the provider shows that it refuses every task."""

from typing import Any

import structlog

from services.poller.decisions.pause import Pause, cause_for_all, pause_reason
from services.poller.provider.client import Provider
from services.poller.results import CallResult, Reply
from shared.domain.states import PauseReason
from shared.domain.task import Task
from shared.store import SubmissionGate

PROBE_INTERVAL_MS = 60_000
"""While submissions are paused, one task per interval tries whether the cause is gone."""

PROBE_AGAIN_MS = 5_000
"""Delay by which a task that was sent before leaves this to those that were not: it may be one that
is always refused."""

log = structlog.get_logger("services.poller")


async def pause_submissions(
    gate: SubmissionGate, pause: Pause, conversation: list[dict[str, Any]]
) -> None:
    """Pause after a refusal of the task with this conversation, which nobody else may read."""
    log.error("submissions_paused", reason=pause.reason, message=pause.message)
    says = pause.says_to_all(conversation)
    await gate.close(pause.reason, pause.message, PROBE_INTERVAL_MS, says)


async def find_cause(
    gate: SubmissionGate, provider: Provider, task: Task, refusal: Pause
) -> Pause | None:
    """Why every task is refused, or None if only this one may be. Costs a call without a task."""
    refused_tasks = await gate.count_refusal(task.id)
    preflight = await provider.retrieve_model()
    return cause_for_all(refusal, preflight, refused_tasks, gate.provider)


async def pause_on_401(gate: SubmissionGate, result: CallResult) -> None:
    """Pause if the provider says that the key is invalid.

    Any other 401 or 403 may concern this call only: a restricted key may write and not read.
    """
    if not isinstance(result, Reply):
        return
    pause = pause_reason(result, gate.provider)
    if pause and pause.reason is PauseReason.BAD_KEY:
        await gate.close(pause.reason, pause.message, PROBE_INTERVAL_MS, pause.says)
