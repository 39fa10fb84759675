"""Closes the gate when the provider refuses the key, whichever call heard it first."""

from http import HTTPStatus

from services.poller.decisions.error_response import pause_for
from services.poller.jobs.submit import PROBE_EVERY
from services.poller.results import Outcome, Reply
from shared.store import SubmissionGate


async def note_refused_key(gate: SubmissionGate, outcome: Outcome) -> None:
    """A 401 speaks of the key; a 403 of this call, which a restricted key may not make."""
    if isinstance(outcome, Reply) and outcome.status == HTTPStatus.UNAUTHORIZED:
        pause = pause_for(outcome)
        if pause:
            await gate.close(*pause, PROBE_EVERY)
