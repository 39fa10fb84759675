"""Checks at the start, free of charge, whether the provider would accept a task."""

from http import HTTPStatus

import structlog

from services.poller.decisions.error_response import parse_error
from services.poller.decisions.pause import pause_reason
from services.poller.jobs.pause import PROBE_INTERVAL_MS
from services.poller.jobs.resume import resume_submissions
from services.poller.provider.client import Provider
from services.poller.results import CallResult, Reply
from shared.domain.errors import InvalidSetting
from shared.domain.states import PauseReason
from shared.openai.response import Response
from shared.store import Store, SubmissionGate

SIMULATOR = "backburner-simulator"
"""The ``server`` header of the simulator."""

UNKNOWN_RESPONSE = "resp_backburner_startup_check"
"""No response has this id: a Responses API says so in an error with a message."""

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
    pause = pause_reason(result, name)
    if pause and pause.reason in (PauseReason.BAD_KEY, PauseReason.MODEL_RETIRED):
        log.error("submissions_paused", reason=pause.reason, message=pause.message)
        await gate.close(pause.reason, pause.message, PROBE_INTERVAL_MS, pause.says)
    elif result.status == HTTPStatus.OK and Response.parse(result.body):
        await resume_submissions(gate, store)
    else:
        await _require_api(provider, result)
        # A restricted key may not read models, and some servers have none: both may still submit.
        log.warning("model_not_checked", status=result.status, code=parse_error(result).code)


async def _require_api(provider: Provider, model: Reply) -> None:
    """Raise InvalidSetting if neither the model nor responses have an address there."""
    if _has_no_address(model) and _has_no_address(await provider.retrieve(UNKNOWN_RESPONSE)):
        raise InvalidSetting("OPENAI_BASE_URL has no Responses API. Does it lack the /v1?")


def _has_no_address(result: CallResult) -> bool:
    if not isinstance(result, Reply) or result.status != HTTPStatus.NOT_FOUND:
        return False
    return not parse_error(result).readable
