"""Before the first task the provider is asked whether it would take one, and who it is."""

import pytest

from services.poller import startup_check
from services.poller.results import CallResult, ConnectFailed, NoReply
from shared.domain import changes
from shared.domain.errors import InvalidSetting
from shared.domain.states import PauseReason
from shared.store import Store, SubmissionGate
from tests.services.poller.scripted_provider import ScriptedProvider, refused, reply
from tests.shared import tasks


async def reason_after(
    gate: SubmissionGate, store: Store, result: CallResult
) -> PauseReason | None:
    await startup_check.check(ScriptedProvider(result), gate, store, "openai")
    closed = await gate.pause_state()
    return closed and closed.reason


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (refused(401), PauseReason.BAD_KEY),
        (refused(404, "model_not_found"), PauseReason.MODEL_RETIRED),
        (refused(403), None),
        (refused(500), None),
        (NoReply("ReadTimeout"), None),
        (reply(200, {}), None),
    ],
    ids=["401", "retired", "403", "500", "lost", "200"],
)
async def test_what_is_wrong_already_is_known_before_the_first_task(
    gate: SubmissionGate, store: Store, result: CallResult, reason: PauseReason | None
) -> None:
    assert await reason_after(gate, store, result) is reason


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (reply(200, {}), None),
        (refused(503), PauseReason.QUOTA),
        (refused(403), PauseReason.QUOTA),
        (ConnectFailed("ConnectError"), PauseReason.QUOTA),
    ],
    ids=["200", "503", "403", "unsent"],
)
async def test_only_a_clear_yes_opens_a_closed_gate(
    gate: SubmissionGate, store: Store, result: CallResult, reason: PauseReason | None
) -> None:
    await gate.close(PauseReason.QUOTA, "No quota left.", 60_000)
    assert await reason_after(gate, store, result) is reason


@pytest.mark.parametrize(
    ("name", "server"), [("openai", startup_check.SIMULATOR), ("simulator", "cloudflare")]
)
async def test_one_provider_in_the_place_of_another_is_refused(
    gate: SubmissionGate, store: Store, name: str, server: str
) -> None:
    provider = ScriptedProvider(reply(200, {}, server=server))
    with pytest.raises(InvalidSetting, match="OPENAI_BASE_URL"):
        await startup_check.check(provider, gate, store, name)


async def test_the_simulator_is_known_by_its_name(gate: SubmissionGate, store: Store) -> None:
    provider = ScriptedProvider(reply(200, {}, server=startup_check.SIMULATOR))
    await startup_check.check(provider, gate, store, "simulator")
    assert await gate.pause_state() is None


async def test_an_address_without_the_interface_is_refused(
    gate: SubmissionGate, store: Store
) -> None:
    provider = ScriptedProvider(reply(404, b"<html>"))
    with pytest.raises(InvalidSetting, match="/v1"):
        await startup_check.check(provider, gate, store, "openai")


async def test_what_waited_before_the_gate_goes_on_when_it_opens(
    gate: SubmissionGate, store: Store
) -> None:
    task = await tasks.accepted(store)
    task = await tasks.changed(store, changes.requeue(task, 60_000, PauseReason.BAD_KEY))
    await gate.close(PauseReason.BAD_KEY, "A bad key.", 60_000)

    await startup_check.check(ScriptedProvider(reply(200, {})), gate, store, "openai")

    after = (await store.load(task.id)).task
    assert (after.paused, after.generation) == (None, task.generation + 1)
