"""Pauses submissions when a poll or a deletion shows that the API key is not valid."""

from services.poller.decisions.pause import pause_reason
from services.poller.jobs.submit import PROBE_INTERVAL_MS
from services.poller.results import CallResult, Reply
from shared.domain.states import PauseReason
from shared.store import SubmissionGate


async def pause_on_401(gate: SubmissionGate, result: CallResult) -> None:
    """Pause if the provider says that the key is invalid.

    Any other 401 or 403 may concern this call only: a restricted key may write and not read.
    """
    if not isinstance(result, Reply):
        return
    pause = pause_reason(result, gate.provider)
    if pause and pause.reason is PauseReason.BAD_KEY:
        await gate.close(pause.reason, pause.message, PROBE_INTERVAL_MS, pause.says)
