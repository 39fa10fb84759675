"""Checks at the start, free of charge, whether the provider would accept a task."""

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
"""The ``server`` header of the simulator."""

log = structlog.get_logger("services.poller")


async def check(provider: Provider, gate: SubmissionGate, store: Store, name: str) -> None:
    """Pause or resume submissions according to the API key and the model.

    A provider that does not answer changes nothing: the network may come up later. Raises
    InvalidSetting if BACKBURNER_PROVIDER and OPENAI_BASE_URL contradict each other.
    """
    result = await provider.retrieve_model()
    if not isinstance(result, Reply):
        log.warning("provider_unreachable", reason=getattr(result, "reason", ""))
        return
    if (result.headers.get("server") == SIMULATOR) != (name == "simulator"):
        raise InvalidSetting(
            f"BACKBURNER_PROVIDER is {name}, but OPENAI_BASE_URL leads to another provider. "
            "Change one of them: tasks of one provider are never sent to another."
        )
    if result.status == HTTPStatus.NOT_FOUND and not parse_error(result).readable:
        raise InvalidSetting("OPENAI_BASE_URL has no Responses API. Does it lack the /v1?")
    # A restricted key may get a 403 for models and still submit, so only a 401 counts.
    pause = pause_reason(result)
    if pause and (
        result.status == HTTPStatus.UNAUTHORIZED or pause[0] is PauseReason.MODEL_RETIRED
    ):
        log.error("submissions_paused", reason=pause[0], message=pause[1])
        await gate.close(*pause, PROBE_INTERVAL_MS)
    elif result.status == HTTPStatus.OK:
        await resume_submissions(gate, store)
