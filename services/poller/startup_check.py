"""Asks the provider once, at the start, whether it would take a task at all; this costs nothing."""

from http import HTTPStatus

import structlog

from services.poller.decisions.error_response import pause_for, refusal
from services.poller.jobs.resume import open_gate
from services.poller.jobs.submit import PROBE_EVERY
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

    Raises SettingUnusable where a simulator stands in for OpenAI or the other way round. Silence
    decides nothing: the network may come later.
    """
    outcome = await provider.model()
    if not isinstance(outcome, Reply):
        log.warning("the provider does not answer yet", reason=getattr(outcome, "reason", ""))
        return
    if (outcome.headers.get("server") == SIMULATOR) != (name == "simulator"):
        raise InvalidSetting(
            f"BACKBURNER_PROVIDER is {name}, but OPENAI_BASE_URL leads elsewhere; "
            "tasks accepted for one are never sent to the other."
        )
    if outcome.status == HTTPStatus.NOT_FOUND and not refusal(outcome).readable:
        raise InvalidSetting("There is no Responses API at OPENAI_BASE_URL: does it lack its /v1?")
    # A restricted key may not read models (403) and yet submit: only 401 speaks of the key.
    pause = pause_for(outcome)
    if pause and (
        outcome.status == HTTPStatus.UNAUTHORIZED or pause[0] is PauseReason.MODEL_RETIRED
    ):
        log.error("submission paused for all", reason=pause[0], message=pause[1])
        await gate.close(*pause, PROBE_EVERY)
    elif outcome.status == HTTPStatus.OK:
        await open_gate(gate, store)
