"""Asks the provider once, at the start, whether it would take a task at all; this costs nothing."""

from http import HTTPStatus

import structlog

from services.poller.decisions.error_response import parse_error, pause_reason
from services.poller.jobs.resume import resume_submissions
from services.poller.jobs.submit import PROBE_INTERVAL_MS
from services.poller.provider.client import Provider
from services.poller.results import Reply
from shared.domain.errors import InvalidSetting
from shared.domain.states import PauseReason
from shared.store import Store, SubmissionGate

SIMULATOR = "backburner-simulator"
"""How the simulator names itself in its ``server`` header."""

log = structlog.get_logger("services.poller")


async def check(provider: Provider, gate: SubmissionGate, store: Store, name: str) -> None:
    """Close or open the gate by what the provider says of the key and the model.

    Raises InvalidSetting where a simulator stands in for OpenAI or the other way round. Silence
    decides nothing: the network may come later.
    """
    result = await provider.retrieve_model()
    if not isinstance(result, Reply):
        log.warning("the provider does not answer yet", reason=getattr(result, "reason", ""))
        return
    if (result.headers.get("server") == SIMULATOR) != (name == "simulator"):
        raise InvalidSetting(
            f"BACKBURNER_PROVIDER is {name}, but OPENAI_BASE_URL leads elsewhere; "
            "tasks accepted for one are never sent to the other."
        )
    if result.status == HTTPStatus.NOT_FOUND and not parse_error(result).readable:
        raise InvalidSetting("There is no Responses API at OPENAI_BASE_URL: does it lack its /v1?")
    # A restricted key may not read models (403) and yet submit: only 401 speaks of the key.
    pause = pause_reason(result)
    if pause and (
        result.status == HTTPStatus.UNAUTHORIZED or pause[0] is PauseReason.MODEL_RETIRED
    ):
        log.error("submission paused for all", reason=pause[0], message=pause[1])
        await gate.close(*pause, PROBE_INTERVAL_MS)
    elif result.status == HTTPStatus.OK:
        await resume_submissions(gate, store)
