"""A poll of the current chain is recorded with its successor; any other does nothing."""

import asyncio

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from services.poller import metrics
from services.poller.decisions.poll import UNREACHABLE_GRACE_MS
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.results import NoReply, Reply
from shared.domain import changes
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.store import Store, SubmissionGate, clock, keys
from tests.services.poller.job_runner import JobRunner
from tests.services.poller.scripted_provider import (
    POLICY,
    Meanwhile,
    ScriptedProvider,
    refused,
    reply,
    response,
)
from tests.shared import tasks

RUNNING = response("in_progress")
DONE = response("completed", usage={"input_tokens": 1, "output_tokens": 1})
OVERDUE = PollPolicy(interval_ms=61_000, deadline_ms=-1)


def restart(task: Task) -> changes.Change:
    return changes.restart_polling(task, 0, 0)


def cancel(task: Task) -> changes.Change:
    return changes.cancel(task, 25_000)


async def test_a_task_is_polled_until_it_ends(store: Store, jobs: JobRunner) -> None:
    task = await tasks.in_progress(store)
    provider = ScriptedProvider(RUNNING, NoReply("ReadTimeout"), refused(404), DONE)
    for _ in range(4):
        task = await jobs.poll(task, provider)
    assert await jobs.poll(task, provider) == task
    assert provider.calls == [("retrieve", "resp_1")] * 4
    assert (task.status, task.polls, task.cost) == (Status.COMPLETED, 4, 135)
    assert await store.response(task.id) == DONE.body


@pytest.mark.parametrize("response_id", ["resp_1", "resp_2"])
async def test_another_tasks_answer_is_an_unanswered_poll(
    store: Store, jobs: JobRunner, response_id: str
) -> None:
    task = await tasks.in_progress(store)
    body = {"id": response_id, "status": "completed", "metadata": {"task_id": "task_of_another"}}
    with capture_logs() as logs:
        after = await jobs.poll(task, ScriptedProvider(reply(200, body)))
    assert (after.status, after.provider_status) == (task.status, task.provider_status)
    assert await store.response(task.id) is None
    counted = metrics.REGISTRY.get_sample_value(
        "backburner_polls_unanswered_total", {"reason": "another_task"}
    )
    assert counted
    (entry,) = [entry for entry in logs if entry["event"] == "poll_unanswered"]
    assert (entry["reason"], entry["task"]) == ("another_task", task.id)
    await jobs.poll(after, ScriptedProvider(DONE))
    assert await store.response(task.id) == DONE.body


async def test_while_all_responses_are_missing_no_task_is_ended(
    store: Store, redis: Redis, jobs: JobRunner
) -> None:
    """The key belongs to another project: with the right one both go on."""
    both = [await tasks.in_progress(store) for _ in range(2)]
    now = await clock.now(redis)
    for task in both:
        past = {"submitted_at": now - 300_000, "missing_since": now - 200_000}
        await redis.hset(keys.record(task.id), mapping=past)
    both = [await jobs.poll(task, ScriptedProvider(refused(404))) for task in both]
    assert {(task.status, task.problem_code) for task in both} == {
        (Status.IN_PROGRESS, "all_missing")
    }
    found, lost = both
    found = await jobs.poll(found, ScriptedProvider(RUNNING))
    assert found.problem_code is None
    lost = await jobs.poll(lost, ScriptedProvider(refused(404)))
    assert (lost.status, lost.error_code) == (Status.FAILED, "response_not_found")


async def test_a_response_that_only_another_account_has_seen_is_waited_for_within_bounds(
    store: Store, redis: Redis, jobs: JobRunner
) -> None:
    """The key was replaced by that of another project."""
    started = response("queued", metadata=None)
    task = await jobs.submit(await tasks.accepted(store), ScriptedProvider(started))
    assert task.account_id == "0001"

    async def missing(age: int, account_id: str) -> Task:
        now = await clock.now(redis)
        past = {"submitted_at": now - age, "missing_since": now - 200_000}
        await redis.hset(keys.record(task.id), mapping=past)
        current = await jobs.load(task)
        return await jobs.poll(current, ScriptedProvider(refused(404), account_id=account_id))

    held = await missing(300_000, "0002")
    assert (held.status, held.problem_code) == (Status.IN_PROGRESS, "other_account")
    assert held.account_id == "0001"
    assert "OPENAI_API_KEY" in (held.problem_message or "")
    found = await jobs.poll(held, ScriptedProvider(RUNNING, account_id="0002"))  # the same project
    assert (found.problem_code, found.account_id) == (None, "0002")
    held = await missing(300_000, "0001")
    assert held.problem_code == "other_account"
    over = POLICY.deadline_ms + UNREACHABLE_GRACE_MS + 1
    lost = await missing(over, "0001")
    assert (lost.status, lost.error_code) == (Status.FAILED, "response_not_found")


async def test_an_answer_is_noted_with_the_account_that_found_it(
    store: Store, jobs: JobRunner
) -> None:
    """By it alone a 404 to a deletion says that the response is gone."""
    started = response("queued", metadata=None)
    task = await jobs.submit(await tasks.accepted(store), ScriptedProvider(started))
    after = await jobs.poll(task, ScriptedProvider(DONE, account_id="0002"))
    assert (after.status, after.account_id) == (Status.COMPLETED, "0002")


async def test_two_polls_in_a_row_without_a_usable_answer_are_told_until_one_has_it(
    store: Store, jobs: JobRunner
) -> None:
    task = await tasks.in_progress(store)
    page = reply(200, b"<html>", content_type="text/html")
    seen = []
    for result in (NoReply("ReadTimeout"), page, page, reply(404, b""), RUNNING):
        before, task = task, await jobs.poll(task, ScriptedProvider(result))
        waiting = [each.id for each in await store.waiting_for_provider(10)]
        assert waiting == ([task.id] if task.waits_for_provider else [])
        seen.append((task.waits_for_provider, task.problem_code, task.version - before.version))
    assert seen == [
        (False, "no_reply", 0),
        (True, "unreadable", 1),
        (True, "unreadable", 0),
        (True, "404", 1),
        (False, None, 1),
    ]


async def test_a_task_that_an_earlier_version_ended_waits_no_more(
    store: Store, redis: Redis, jobs: JobRunner
) -> None:
    task = await tasks.in_progress(store)
    for _ in range(2):
        task = await jobs.poll(task, ScriptedProvider(refused(500)))
    assert await store.waiting_for_provider(10) == [task]
    await redis.hset(keys.record(task.id), "status", "completed")
    assert await store.waiting_for_provider(10) == []
    assert await redis.zcard(keys.waiting("openai")) == 0


async def test_a_poll_delivered_many_times_advances_the_chain_once(
    store: Store, jobs: JobRunner
) -> None:
    task = await tasks.in_progress(store)
    provider = ScriptedProvider(*[RUNNING] * 5)
    await asyncio.gather(*(jobs.poll(task, provider) for _ in range(5)))
    assert (await jobs.load(task)).polls == 1


@pytest.mark.parametrize(("generation", "number"), [(0, 1), (2, 1), (1, 0), (1, 2)])
async def test_a_job_that_is_not_the_next_poll_makes_no_call(
    store: Store, jobs: JobRunner, generation: int, number: int
) -> None:
    task = await tasks.in_progress(store)
    assert (task.generation, task.polls) == (1, 0)
    assert await jobs.poll(task, ScriptedProvider(), number, generation) == task


@pytest.mark.parametrize(
    ("result", "status", "polls"),
    [(DONE, Status.COMPLETED, 1), (RUNNING, Status.IN_PROGRESS, 0)],
    ids=["ended", "running"],
)
async def test_a_poll_that_the_sweep_took_for_lost_records_only_an_end(
    store: Store, jobs: JobRunner, result: Reply, status: Status, polls: int
) -> None:
    task = await tasks.in_progress(store)
    during = Meanwhile(store, task, restart)
    after = await jobs.poll(task, ScriptedProvider(result, meanwhile=during))
    assert (after.status, after.generation, after.polls) == (status, 2, polls)
    assert after.is_terminal or after.provider_status == "queued"


async def test_of_two_ends_the_first_stays(store: Store, jobs: JobRunner) -> None:
    task = await tasks.in_progress(store)
    late = ScriptedProvider(
        response("cancelled"), meanwhile=lambda: jobs.poll(task, ScriptedProvider(DONE))
    )
    assert (await jobs.poll(task, late)).status is Status.COMPLETED
    assert await store.response(task.id) == DONE.body


@pytest.mark.parametrize(
    ("cancelled", "status", "error"),
    [
        (response("cancelled"), Status.FAILED, "deadline_exceeded"),
        (DONE, Status.COMPLETED, None),
    ],
    ids=["cancelled", "finished just in time"],
)
async def test_at_the_deadline_it_is_cancelled_at_the_provider(
    store: Store, gate: SubmissionGate, cancelled: Reply, status: Status, error: str | None
) -> None:
    provider = ScriptedProvider(RUNNING, cancelled)
    after = await JobRunner(store, gate, OVERDUE).poll(await tasks.in_progress(store), provider)
    assert provider.calls == [("retrieve", "resp_1"), ("cancel", "resp_1")]
    assert (after.status, after.error_code) == (status, error)


@pytest.mark.parametrize(
    ("status", "code", "closed"),
    [
        (401, "invalid_api_key", PauseReason.BAD_KEY),
        (401, None, None),
        (403, "missing_scope", None),
        (404, "model_not_found", None),
    ],
)
async def test_only_an_invalid_key_pauses_submissions_and_polls_go_on(
    store: Store,
    gate: SubmissionGate,
    jobs: JobRunner,
    status: int,
    code: str | None,
    closed: PauseReason | None,
) -> None:
    """A key that may write and not read gets a 401 for each poll."""
    refusal = refused(status, code)
    after = await jobs.poll(await tasks.in_progress(store), ScriptedProvider(refusal))
    found = await gate.pause_state()
    assert (found and found.reason) is closed
    assert (after.status, after.polls) == (Status.IN_PROGRESS, 1)


async def test_a_cancelled_task_is_cancelled_at_the_provider_until_heard_and_its_cost_recorded(
    store: Store, jobs: JobRunner
) -> None:
    task = await tasks.watched(store)
    lost = NoReply("ReadTimeout")
    heard = [lost, RUNNING, lost, RUNNING, reply(200, b"<html>"), RUNNING, refused(409)]
    provider = ScriptedProvider(*heard, RUNNING, DONE)
    for _ in range(6):
        task = await jobs.poll(task, provider)
    called = ["retrieve", *["retrieve", "cancel"] * 3, *["retrieve"] * 2]
    assert [call[0] for call in provider.calls] == called
    assert (task.status, task.provider_status, task.cost) == (Status.CANCELLED, "completed", 135)
    assert (task.watch_until, task.cancel_pending, task.next_poll_at) == (None, None, None)
    assert await store.response(task.id) == DONE.body


async def test_an_end_that_the_reply_to_the_cancel_shows_is_kept(
    store: Store, jobs: JobRunner
) -> None:
    task = await tasks.watched(store)
    after = await jobs.poll(task, ScriptedProvider(RUNNING, DONE))
    assert (after.provider_status, after.cost, after.watch_until) == ("completed", 135, None)
    assert await store.response(task.id) == DONE.body


async def test_the_response_of_another_task_is_not_cancelled(store: Store, jobs: JobRunner) -> None:
    """A reply to the POST without metadata may name it."""
    task = await tasks.watched(store)
    provider = ScriptedProvider(response("in_progress", metadata={"task_id": "task_of_another"}))
    after = await jobs.poll(task, provider)
    assert provider.calls == [("retrieve", "resp_1")]
    assert (after.cancel_pending, after.provider_status) == (1, task.provider_status)


async def test_a_cancel_that_meets_no_response_is_not_told_as_done_nor_as_a_late_answer(
    store: Store, jobs: JobRunner
) -> None:
    missing = refused(404)
    task = await jobs.poll(await tasks.watched(store), ScriptedProvider(missing, missing))
    assert (task.cancel_pending, task.cancel_missed) == (None, 1)
    with capture_logs() as logs:
        task = await jobs.poll(task, ScriptedProvider(missing))
    assert (task.watch_until, task.cancel_missed) == (None, 1)
    assert [entry["event"] for entry in logs] == ["late_result_missing"]


async def test_a_cancel_never_heard_ends_with_one_last_poll(
    store: Store, redis: Redis, jobs: JobRunner
) -> None:
    task = await tasks.watched(store)
    await redis.hset(keys.record(task.id), "watch_until", 1)
    provider = ScriptedProvider(refused(500))
    after = await jobs.poll(task, provider)
    assert provider.calls == [("retrieve", "resp_1")]
    assert (after.status, after.watch_until, after.cost) == (Status.CANCELLED, None, None)


async def test_a_poll_during_which_the_task_is_cancelled_records_nothing(
    store: Store, jobs: JobRunner
) -> None:
    """The next poll will return the same."""
    task = await tasks.in_progress(store)
    during = Meanwhile(store, task, cancel)
    after = await jobs.poll(task, ScriptedProvider(DONE, meanwhile=during))
    assert after == during.task
    assert (after.status, after.cost) == (Status.CANCELLED, None)
    assert await store.response(task.id) is None
    assert after.watch_until is not None
    after = await jobs.poll(after, ScriptedProvider(DONE))
    assert after.cost == 135
