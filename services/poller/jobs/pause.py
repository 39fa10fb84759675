"""Pauses submissions when the provider refuses the API key on any call."""

from http import HTTPStatus

from services.poller.decisions.error_response import pause_reason
from services.poller.jobs.submit import PROBE_INTERVAL_MS
from services.poller.results import CallResult, Reply
from shared.store import SubmissionGate


async def pause_on_401(gate: SubmissionGate, result: CallResult) -> None:
    """Pause on a 401. A 403 may concern this call only, which a restricted key may not make."""
    if isinstance(result, Reply) and result.status == HTTPStatus.UNAUTHORIZED:
        pause = pause_reason(result)
        if pause:
            await gate.close(*pause, PROBE_INTERVAL_MS)
