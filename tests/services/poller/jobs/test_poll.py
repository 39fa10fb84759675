"""A poll of the living chain is noted with its successor; any other does nothing."""

import asyncio

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from services.poller.decisions.poll_policy import PollPolicy
from services.poller.jobs.poll import PollJob
from services.poller.results import CallResult, NoReply
from shared.domain import changes
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.store import Store, SubmissionGate, keys
from tests.services.poller.scripted_provider import (
    POLICY,
    ScriptedProvider,
    refused,
    reply,
    response,
)
from tests.shared import tasks

RUNNING = response("in_progress")
DONE = response("completed", usage={"input_tokens": 1, "output_tokens": 1})
OVERDUE = PollPolicy(interval_ms=61_000, deadline_ms=-1)


def polling(
    store: Store, gate: SubmissionGate, provider: ScriptedProvider, policy: PollPolicy = POLICY
) -> PollJob:
    return PollJob(store, gate, provider, policy)


async def now(store: Store, task: Task) -> Task:
    return (await store.load(task.id)).task


async def test_a_task_is_polled_until_it_ends(store: Store, gate: SubmissionGate) -> None:
    task = await tasks.in_progress(store)
    provider = ScriptedProvider(RUNNING, NoReply("ReadTimeout"), refused(404), DONE)
    for number in (1, 2, 3, 4):
        await polling(store, gate, provider).poll(task.id, task.generation, number)
    after = await now(store, task)
    assert provider.calls == [("retrieve", "resp_1")] * 4
    assert (after.status, after.polls, after.cost) == (Status.COMPLETED, 4, 135)
    assert await store.response(task.id) == DONE.body


@pytest.mark.parametrize("response_id", ["resp_1", "resp_2"])
async def test_another_tasks_answer_is_an_unanswered_poll(
    store: Store, gate: SubmissionGate, response_id: str
) -> None:
    task = await tasks.in_progress(store)
    body = {"id": response_id, "status": "completed", "metadata": {"task_id": "task_of_another"}}
    provider = ScriptedProvider(reply(200, body), DONE)
    with capture_logs() as logs:
        await polling(store, gate, provider).poll(task.id, task.generation, 1)
    after = await now(store, task)
    assert (after.status, after.provider_status) == (task.status, task.provider_status)
    assert await store.response(task.id) is None
    (entry,) = [entry for entry in logs if entry["event"] == "poll_unanswered"]
    assert (entry["reason"], entry["task"]) == ("another_task", task.id)
    await polling(store, gate, provider).poll(task.id, task.generation, 2)
    assert await store.response(task.id) == DONE.body


async def test_a_doubled_chain_advances_once(store: Store, gate: SubmissionGate) -> None:
    task = await tasks.in_progress(store)
    provider = ScriptedProvider(*[RUNNING] * 5)
    jobs = [polling(store, gate, provider).poll(task.id, task.generation, 1) for _ in range(5)]
    await asyncio.gather(*jobs)
    assert (await now(store, task)).polls == 1


@pytest.mark.parametrize(("generation", "number"), [(0, 1), (2, 1), (1, 0), (1, 2)])
async def test_a_job_out_of_line_asks_nobody(
    store: Store, gate: SubmissionGate, generation: int, number: int
) -> None:
    task = await tasks.in_progress(store)
    assert (task.generation, task.polls) == (1, 0)
    await polling(store, gate, ScriptedProvider()).poll(task.id, generation, number)
    assert await now(store, task) == task


async def test_a_task_that_ended_is_not_polled(store: Store, gate: SubmissionGate) -> None:
    task = await tasks.in_progress(store)
    provider = ScriptedProvider(DONE)
    for number in (1, 2):
        await polling(store, gate, provider).poll(task.id, task.generation, number)
    assert len(provider.calls) == 1


async def test_the_answer_is_kept_even_when_the_sweep_took_the_poll_for_lost(
    store: Store, gate: SubmissionGate
) -> None:
    task = await tasks.in_progress(store)

    async def sweep() -> None:
        await tasks.changed(store, changes.restart_polling(task, 0, 0))

    await polling(store, gate, ScriptedProvider(DONE, meanwhile=sweep)).poll(task.id, 1, 1)
    assert (await now(store, task)).status is Status.COMPLETED


async def test_a_stale_poll_that_saw_no_end_leaves_no_trace(
    store: Store, gate: SubmissionGate
) -> None:
    task = await tasks.in_progress(store)

    async def sweep() -> None:
        await tasks.changed(store, changes.restart_polling(task, 0, 0))

    await polling(store, gate, ScriptedProvider(RUNNING, meanwhile=sweep)).poll(task.id, 1, 1)
    after = await now(store, task)
    assert (after.generation, after.polls, after.provider_status) == (2, 0, "queued")


async def test_of_two_ends_the_first_stays(store: Store, gate: SubmissionGate) -> None:
    task = await tasks.in_progress(store)

    async def end() -> None:
        await polling(store, gate, ScriptedProvider(DONE)).poll(task.id, 1, 1)

    late = ScriptedProvider(response("cancelled"), meanwhile=end)
    await polling(store, gate, late).poll(task.id, 1, 1)
    assert (await now(store, task)).status is Status.COMPLETED
    assert await store.response(task.id) == DONE.body


@pytest.mark.parametrize(
    ("cancelled", "status", "error"),
    [
        (response("cancelled"), Status.FAILED, "deadline_exceeded"),
        (NoReply("ReadTimeout"), Status.FAILED, "deadline_exceeded"),
        (DONE, Status.COMPLETED, None),
    ],
    ids=["cancelled", "lost", "finished just in time"],
)
async def test_at_the_deadline_it_is_cancelled_there(
    store: Store, gate: SubmissionGate, cancelled: NoReply, status: Status, error: str | None
) -> None:
    task = await tasks.in_progress(store)
    provider = ScriptedProvider(RUNNING, cancelled)
    await polling(store, gate, provider, OVERDUE).poll(task.id, 1, 1)
    after = await now(store, task)
    assert provider.calls == [("retrieve", "resp_1"), ("cancel", "resp_1")]
    assert (after.status, after.error_code) == (status, error)


@pytest.mark.parametrize(("status", "closes"), [(401, True), (403, False), (429, False)])
async def test_a_key_that_is_refused_pauses_submission_and_polls_go_on(
    store: Store, gate: SubmissionGate, status: int, *, closes: bool
) -> None:
    task = await tasks.in_progress(store)
    await polling(store, gate, ScriptedProvider(refused(status))).poll(task.id, 1, 1)
    closed = await gate.pause_state()
    assert (closed is not None and closed.reason is PauseReason.BAD_KEY) == closes
    after = await now(store, task)
    assert (after.status, after.polls) == (Status.IN_PROGRESS, 1)


async def test_a_cancelled_task_is_stopped_there_and_its_cost_is_learned(
    store: Store, gate: SubmissionGate
) -> None:
    task = await tasks.watched(store)
    late = response("completed", usage={"input_tokens": 1, "output_tokens": 1})
    provider = ScriptedProvider(response("cancelled"), RUNNING, late)
    for number in (1, 2, 3):
        await polling(store, gate, provider).poll(task.id, task.generation, number)
    after = await now(store, task)
    assert [call[0] for call in provider.calls] == ["cancel", "retrieve", "retrieve"]
    assert (after.status, after.provider_status, after.cost) == (
        Status.CANCELLED,
        "completed",
        135,
    )
    assert (after.watch_until, after.cancel_pending, after.next_poll_at) == (None, None, None)
    assert await store.response(task.id) == late.body


@pytest.mark.parametrize("deaf", [NoReply("ReadTimeout"), refused(429), refused(401), refused(500)])
async def test_the_order_to_stop_is_given_until_it_is_heard(
    store: Store, gate: SubmissionGate, deaf: CallResult
) -> None:
    task = await tasks.watched(store)
    provider = ScriptedProvider(deaf, deaf, refused(409), RUNNING)
    for number in (1, 2, 3, 4):
        await polling(store, gate, provider).poll(task.id, task.generation, number)
    assert [call[0] for call in provider.calls] == ["cancel", "cancel", "cancel", "retrieve"]


async def test_who_never_hears_is_asked_one_last_time_and_left_alone(
    store: Store, gate: SubmissionGate, redis: Redis
) -> None:
    task = await tasks.watched(store)
    await redis.hset(keys.record(task.id), "watch_until", 1)
    provider = ScriptedProvider(refused(500))
    await polling(store, gate, provider).poll(task.id, task.generation, 1)
    after = await now(store, task)
    assert provider.calls == [("retrieve", "resp_1")]
    assert (after.status, after.watch_until, after.cost) == (Status.CANCELLED, None, None)


async def test_a_poll_that_is_under_way_when_the_task_is_cancelled_changes_nothing(
    store: Store, gate: SubmissionGate
) -> None:
    """What it has seen will be seen again."""
    task = await tasks.in_progress(store)

    async def cancel() -> None:
        await tasks.changed(store, changes.cancel(task, 25_000))

    await polling(store, gate, ScriptedProvider(DONE, meanwhile=cancel)).poll(task.id, 1, 1)
    after = await now(store, task)
    assert (after.status, after.cost, await store.response(task.id)) == (
        Status.CANCELLED,
        None,
        None,
    )
    assert after.watch_until is not None
    await polling(store, gate, ScriptedProvider(refused(409))).poll(task.id, after.generation, 1)
    await polling(store, gate, ScriptedProvider(DONE)).poll(task.id, after.generation, 2)
    assert (await now(store, task)).cost == 135
