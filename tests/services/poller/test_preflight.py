"""Before the first task the provider is asked whether it would take one, and who it is."""

import pytest

from services.poller import preflight
from services.poller.outcomes import Lost, Outcome, Unsent
from shared.errors import SettingUnusable
from shared.states import Pause
from shared.store import Gate
from tests.services.poller.script import ScriptedProvider, refused, reply


async def reason_after(gate: Gate, outcome: Outcome) -> Pause | None:
    await preflight.check(ScriptedProvider(outcome), gate, "openai")
    closed = await gate.closed()
    return closed and closed.reason


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (refused(401), Pause.BAD_KEY),
        (refused(404, "model_not_found"), Pause.MODEL_RETIRED),
        (refused(403), None),
        (refused(500), None),
        (Lost("ReadTimeout"), None),
        (reply(200, {}), None),
    ],
    ids=["401", "retired", "403", "500", "lost", "200"],
)
async def test_what_is_wrong_already_is_known_before_the_first_task(
    gate: Gate, outcome: Outcome, reason: Pause | None
) -> None:
    assert await reason_after(gate, outcome) is reason


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (reply(200, {}), None),
        (refused(503), Pause.QUOTA),
        (refused(403), Pause.QUOTA),
        (Unsent("ConnectError"), Pause.QUOTA),
    ],
    ids=["200", "503", "403", "unsent"],
)
async def test_only_a_clear_yes_opens_a_closed_gate(
    gate: Gate, outcome: Outcome, reason: Pause | None
) -> None:
    await gate.close(Pause.QUOTA, "No quota left.", 60_000)
    assert await reason_after(gate, outcome) is reason


@pytest.mark.parametrize(
    ("name", "server"), [("openai", preflight.SIMULATOR), ("simulator", "cloudflare")]
)
async def test_one_provider_in_the_place_of_another_is_refused(
    gate: Gate, name: str, server: str
) -> None:
    provider = ScriptedProvider(reply(200, {}, server=server))
    with pytest.raises(SettingUnusable, match="OPENAI_BASE_URL"):
        await preflight.check(provider, gate, name)


async def test_the_simulator_is_known_by_its_name(gate: Gate) -> None:
    provider = ScriptedProvider(reply(200, {}, server=preflight.SIMULATOR))
    await preflight.check(provider, gate, "simulator")
    assert await gate.closed() is None
