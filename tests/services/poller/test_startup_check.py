"""Before the first task the provider is asked whether it would take one, and who it is."""

import pytest
from structlog.testing import capture_logs

from services.poller import startup_check
from services.poller.results import CallResult, ConnectFailed, NoReply, Reply
from shared.domain import changes
from shared.domain.errors import InvalidSetting
from shared.domain.states import PauseReason
from shared.store import Store, SubmissionGate
from tests.services.poller.scripted_provider import ScriptedProvider, refused, reply
from tests.shared import tasks


@pytest.mark.parametrize(
    ("before", "result", "after"),
    [
        (None, refused(401, "invalid_api_key"), PauseReason.BAD_KEY),
        (None, refused(401, None), None),
        (None, refused(404, "model_not_found"), PauseReason.MODEL_RETIRED),
        (None, refused(403), None),
        (None, refused(500), None),
        (None, NoReply("ReadTimeout"), None),
        (None, reply(200, {}), None),
        (PauseReason.QUOTA, reply(200, {}), None),
        (PauseReason.QUOTA, refused(503), PauseReason.QUOTA),
        (PauseReason.QUOTA, refused(403), PauseReason.QUOTA),
        (PauseReason.QUOTA, reply(200, b"<html>"), PauseReason.QUOTA),
        (PauseReason.QUOTA, ConnectFailed("ConnectError"), PauseReason.QUOTA),
    ],
    ids=str,
)
async def test_a_clear_refusal_pauses_submissions_and_only_a_success_resumes_them(
    gate: SubmissionGate,
    store: Store,
    before: PauseReason | None,
    result: CallResult,
    after: PauseReason | None,
) -> None:
    if before:
        await gate.close(before, "No quota left.", 60_000)
    await startup_check.check(ScriptedProvider(result), gate, store, "openai")
    closed = await gate.pause_state()
    assert (closed and closed.reason) is after


@pytest.mark.parametrize(
    ("name", "result", "setting"),
    [
        ("openai", reply(200, {}, server=startup_check.SIMULATOR), "OPENAI_BASE_URL"),
        ("simulator", reply(200, {}, server="cloudflare"), "OPENAI_BASE_URL"),
    ],
    ids=["simulator", "not the simulator"],
)
async def test_another_provider_than_the_expected_is_refused(
    gate: SubmissionGate, store: Store, name: str, result: CallResult, setting: str
) -> None:
    with pytest.raises(InvalidSetting, match=setting):
        await startup_check.check(ScriptedProvider(result), gate, store, name)


NO_PAGE = reply(404, b"<html>")


@pytest.mark.parametrize(
    ("model", "unknown"),
    [
        (NO_PAGE, [refused(404, None)]),
        (NO_PAGE, [reply(404, {"detail": "Not Found"})]),
        (NO_PAGE, [refused(401)]),
        (NO_PAGE, [NoReply("ReadTimeout")]),
        (reply(404, {"detail": "Not Found"}), []),
        (reply(405, b""), []),
        (reply(200, b"<html>"), []),
    ],
    ids=str,
)
async def test_a_server_without_models_is_started_with_a_warning(
    gate: SubmissionGate, store: Store, model: Reply, unknown: list[CallResult]
) -> None:
    provider = ScriptedProvider(model, *unknown)
    with capture_logs() as logs:
        await startup_check.check(provider, gate, store, "openai")
    assert [(entry["event"], entry["status"]) for entry in logs] == [
        ("model_not_checked", model.status)
    ]
    assert len(provider.calls) == 1 + len(unknown)


async def test_an_address_without_responses_ends_the_start(
    gate: SubmissionGate, store: Store
) -> None:
    with pytest.raises(InvalidSetting, match="/v1"):
        await startup_check.check(ScriptedProvider(NO_PAGE, NO_PAGE), gate, store, "openai")


async def test_the_simulator_is_known_by_its_name(gate: SubmissionGate, store: Store) -> None:
    provider = ScriptedProvider(reply(200, {}, server=startup_check.SIMULATOR))
    await startup_check.check(provider, gate, store, "simulator")
    assert await gate.pause_state() is None


async def test_paused_tasks_are_requeued_when_submissions_resume(
    gate: SubmissionGate, store: Store
) -> None:
    task = await tasks.accepted(store)
    task = await tasks.changed(store, changes.requeue(task, 60_000, PauseReason.BAD_KEY))
    await gate.close(PauseReason.BAD_KEY, "A bad key.", 60_000)

    await startup_check.check(ScriptedProvider(reply(200, {})), gate, store, "openai")

    after = (await store.load(task.id)).task
    assert (after.paused, after.generation) == (None, task.generation + 1)
