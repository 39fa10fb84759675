"""A task is removed here only after the provider's side is settled, in that order, and verified."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis

from services.poller.results import CallResult, NoReply
from shared.domain import changes
from shared.domain.changes import TaskResult
from shared.domain.errors import TaskDeleted
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.domain.tombstone import DeletionOutcome as There
from shared.domain.tombstone import Tombstone
from shared.presentation.receipts import deletion_message
from shared.store import Store, SubmissionGate, TaskDeletion, keys
from tests.services.poller.job_runner import JobRunner
from tests.services.poller.scripted_provider import (
    Meanwhile,
    ScriptedProvider,
    refused,
    reply,
    response,
)
from tests.shared import tasks

DONE = reply(200, {"id": "resp_1", "object": "response", "deleted": True})
GONE = refused(404)
ENDED = response("completed")
RUNNING = response("in_progress")
ANOTHERS = response("in_progress", metadata={"task_id": "task_of_another"})
LOST = NoReply("ReadTimeout")


async def asked_for(store: Store, bring: Callable[[Store], Awaitable[Task]]) -> Task:
    return await tasks.changed(store, changes.request_deletion(await bring(store)))


async def completed(store: Store) -> Task:
    ending = TaskResult(Status.COMPLETED, response=b"{}", cost=7)
    return await tasks.changed(
        store, changes.finish(await tasks.in_progress(store), ending, polled=True)
    )


async def cancelled(store: Store) -> Task:
    return await tasks.changed(store, changes.cancel(await tasks.accepted(store), 0))


async def abandoned(store: Store) -> Task:
    return await tasks.changed(store, changes.abandon(await tasks.unconfirmed(store)))


async def refused_there(store: Store) -> Task:
    ending = TaskResult(Status.FAILED, "too_long", "Too long.")
    return await tasks.changed(
        store, changes.finish(await tasks.submitting(store), ending, polled=False)
    )


async def asked_to_delete(store: Store) -> Task:
    return await asked_for(store, completed)


async def hear_of(task: Task, jobs: JobRunner) -> None:
    """A webhook says that the task's response has ended."""
    provider = ScriptedProvider(response("completed", metadata={"task_id": task.id}))
    await jobs.adopt_job(provider).handle_webhook("resp_1", 1)


async def left(store: Store, task: Task) -> Tombstone:
    with pytest.raises(TaskDeleted) as gone:
        await store.load(task.id)
    return gone.value.tombstone


async def test_a_response_is_deleted_and_verified_before_the_task_is_removed_here(
    store: Store, jobs: JobRunner
) -> None:
    task = await asked_for(store, completed)
    during = Meanwhile(store, task)
    provider = ScriptedProvider(ENDED, DONE, GONE, meanwhile=during)
    await jobs.delete(task, provider)
    assert [call[0] for call in provider.calls] == ["retrieve", "delete", "retrieve"]
    assert {call[1] for call in provider.calls} == {"resp_1"}
    assert during.task == task
    tombstone = await left(store, task)
    assert (tombstone.outcome, tombstone.response_id) == (There.DELETED, "resp_1")


@pytest.mark.parametrize(
    ("bring", "outcome"),
    [
        (cancelled, There.NEVER_SENT),
        (refused_there, There.NEVER_SENT),
        (abandoned, There.UNKNOWN),
    ],
)
async def test_a_task_without_a_response_is_removed_without_a_call(
    store: Store, jobs: JobRunner, bring: Any, outcome: There
) -> None:
    task = await asked_for(store, bring)
    await jobs.delete(task, ScriptedProvider())
    assert (await left(store, task)).outcome is outcome


async def test_a_response_that_still_runs_is_cancelled_before_it_is_deleted(
    store: Store, jobs: JobRunner
) -> None:
    task = await asked_for(store, tasks.watched)
    provider = ScriptedProvider(RUNNING, response("cancelled"), DONE, GONE)
    await jobs.delete(task, provider)
    assert [call[0] for call in provider.calls] == ["retrieve", "cancel", "delete", "retrieve"]
    tombstone = await left(store, task)
    assert (tombstone.outcome, tombstone.cost_unknown) == (There.DELETED, True)


async def test_a_response_that_has_ended_is_deleted_without_a_cancel(
    store: Store, jobs: JobRunner
) -> None:
    provider = ScriptedProvider(response("cancelled"), DONE, GONE)
    await jobs.delete(await asked_for(store, tasks.watched), provider)
    assert [call[0] for call in provider.calls] == ["retrieve", "delete", "retrieve"]


async def test_a_deletion_that_the_provider_acknowledged_is_believed_in_a_later_attempt(
    store: Store, jobs: JobRunner
) -> None:
    task = await asked_for(store, completed)
    bare = reply(404, b"")
    provider = ScriptedProvider(ENDED, DONE, refused(500), bare)
    await jobs.delete(task, provider)
    await jobs.delete(await jobs.load(task), provider)
    assert [call[0] for call in provider.calls] == ["retrieve", "delete", "retrieve", "retrieve"]
    assert (await left(store, task)).outcome is There.DELETED


async def test_a_deletion_that_is_never_confirmed_can_be_completed_here_only(
    store: Store, jobs: JobRunner
) -> None:
    task = await asked_for(store, completed)
    with pytest.raises(ValueError, match="no attempt"):
        changes.delete_here_only(task)
    bare = reply(404, {"detail": "Not Found"})
    await jobs.delete(task, ScriptedProvider(bare, bare))
    task = await jobs.load(task)
    assert (task.deletion_attempts, task.deletion_acknowledged) == (1, None)
    await jobs.delete(
        await tasks.changed(store, changes.delete_here_only(task)), ScriptedProvider()
    )
    tombstone = await left(store, task)
    assert (tombstone.outcome, tombstone.response_id) == (There.UNKNOWN, "resp_1")
    assert "Look it up" in deletion_message(tombstone)


@pytest.mark.parametrize("bring", [tasks.watched, completed], ids=["running", "ended"])
async def test_the_response_of_another_task_is_neither_cancelled_nor_deleted(
    store: Store, jobs: JobRunner, bring: Any
) -> None:
    """A reply to the POST without metadata may name it."""
    task = await asked_for(store, bring)
    provider = ScriptedProvider(ANOTHERS)
    await jobs.delete(task, provider)
    assert provider.calls == [("retrieve", "resp_1")]
    assert (await left(store, task)).outcome is There.UNKNOWN


@pytest.mark.parametrize(
    ("bring", "outcomes", "problem"),
    [
        (completed, [LOST], "does not answer"),
        (completed, [reply(200, b"<html>")], "not about the response"),
        (completed, [reply(200, {"id": "resp_2"})], "not about the response"),
        (tasks.watched, [RUNNING, LOST], "does not answer"),
        (tasks.watched, [RUNNING, reply(200, b"<html>")], "not about the response"),
        (completed, [ENDED, LOST], "does not answer"),
        (completed, [ENDED, DONE, ENDED], "still be read"),
        (completed, [ENDED, DONE, reply(200, b"<html>")], "not about the response"),
        (completed, [GONE, GONE, refused(500)], "answered 500"),
    ],
    ids=[
        "first look",
        "unreadable",
        "another response",
        "cancel",
        "unreadable cancel",
        "deletion",
        "verification",
        "unreadable verification",
        "verification of what was gone",
    ],
)
async def test_a_failed_step_keeps_the_task_with_the_problem_and_is_tried_again(
    store: Store,
    redis: Redis,
    jobs: JobRunner,
    bring: Any,
    outcomes: list[CallResult],
    problem: str,
) -> None:
    task = await asked_for(store, bring)
    await redis.set(keys.response(task.id), b"{}")
    await jobs.delete(task, ScriptedProvider(*outcomes))
    after = await jobs.load(task)
    assert (after.deletion_requested_at, after.deletion_attempts) == (task.deletion_requested_at, 1)
    assert problem in (after.deletion_problem or "")
    assert after.version == task.version + 1
    assert await store.response(task.id) == b"{}"
    assert await redis.exists(f"arq:job:delete:{task.id}:{task.generation}:1")
    heard = [RUNNING, refused(409)] if after.cancel_pending else [ENDED]
    await jobs.delete(after, ScriptedProvider(*heard, DONE, GONE))
    assert (await left(store, task)).attempts == 1


@pytest.mark.parametrize(
    ("code", "closed"), [("invalid_api_key", PauseReason.BAD_KEY), (None, None)]
)
async def test_only_an_invalid_key_pauses_submissions(
    store: Store,
    gate: SubmissionGate,
    jobs: JobRunner,
    code: str | None,
    closed: PauseReason | None,
) -> None:
    await jobs.delete(await asked_for(store, completed), ScriptedProvider(refused(401, code)))
    found = await gate.pause_state()
    assert (found and found.reason) == closed


@pytest.mark.parametrize(
    ("bring", "generation", "attempt"),
    [(asked_to_delete, -1, 0), (asked_to_delete, 0, 1), (completed, 0, 0)],
    ids=["old generation", "other attempt", "no request"],
)
async def test_only_the_next_attempt_of_a_requested_deletion_makes_a_call(
    store: Store, jobs: JobRunner, bring: Any, generation: int, attempt: int
) -> None:
    task = await bring(store)
    read = replace(task, generation=task.generation + generation, deletion_attempts=attempt)
    await jobs.delete(read, ScriptedProvider())
    assert await jobs.load(task) == task


async def test_two_workers_at_once_delete_it_once(store: Store, jobs: JobRunner) -> None:
    task = await asked_for(store, completed)

    async def another() -> None:
        await jobs.delete(task, ScriptedProvider(ENDED, DONE, GONE))

    await jobs.delete(task, ScriptedProvider(ENDED, GONE, GONE, meanwhile=another))
    assert (await left(store, task)).outcome is There.DELETED


async def test_a_task_that_is_being_sent_waits_for_its_sender_and_is_deleted_then(
    store: Store, jobs: JobRunner
) -> None:
    """The person cancelled and deleted it during the POST."""
    task = await tasks.accepted(store)
    during = Meanwhile(
        store, task, lambda task: changes.cancel(task, 25_000), changes.request_deletion
    )
    deleting: list[Task] = []

    async def cancel_and_delete() -> None:
        await during()
        await jobs.delete(during.task, ScriptedProvider())
        deleting.append(await jobs.load(task))

    provider = ScriptedProvider(response("queued"), meanwhile=cancel_and_delete)
    await jobs.submit(task, provider)
    assert "being sent" in (deleting[0].deletion_problem or "")
    found = await jobs.load(task)
    assert (found.response_id, found.cancel_pending, found.needs_polling) == ("resp_1", 1, False)
    await jobs.delete(found, ScriptedProvider(RUNNING, response("cancelled"), DONE, GONE))
    assert (await left(store, task)).outcome is There.DELETED


async def test_a_response_reported_during_the_deletion_is_deleted_too(
    store: Store, jobs: JobRunner
) -> None:
    task = await asked_for(store, abandoned)
    await hear_of(task, jobs)
    found = await jobs.load(task)
    assert (found.response_id, found.needs_polling) == ("resp_1", False)
    assert found.generation == task.generation + 1
    assert await store.delete(TaskDeletion(task, There.UNKNOWN)) is None
    await jobs.delete(found, ScriptedProvider(RUNNING, refused(409), DONE, GONE))
    assert (await left(store, task)).response_id == "resp_1"


async def test_a_response_reported_after_the_deletion_is_only_logged(
    store: Store,
    redis: Redis,
    jobs: JobRunner,
    capsys: pytest.CaptureFixture[str],
) -> None:
    task = await asked_for(store, abandoned)
    await jobs.delete(task, ScriptedProvider())
    queued = await redis.keys("arq:job:*")
    await hear_of(task, jobs)
    assert await redis.keys("arq:job:*") == queued
    assert (await left(store, task)).outcome is There.UNKNOWN
    logged = capsys.readouterr().out
    assert "response_of_deleted_task_found" in logged
    assert "resp_1" in logged


async def test_a_webhook_overtaken_by_the_deletion_request_is_handled_again(
    store: Store, gate: SubmissionGate, redis: Redis
) -> None:
    task = await abandoned(store)

    class OvertakenStore(Store):
        async def apply(
            self, change: changes.Change, *, token: str | None = None, durable: bool = False
        ) -> Task | None:
            await super().apply(changes.request_deletion(task))
            return await super().apply(change, token=token, durable=durable)

    jobs = JobRunner(OvertakenStore(redis, "openai", confirm=False), gate)
    await hear_of(task, jobs)
    assert (await jobs.load(task)).response_id is None
    assert await redis.exists("arq:job:webhook:resp_1:2")


async def test_a_task_that_is_being_deleted_is_not_polled(store: Store, jobs: JobRunner) -> None:
    task = await asked_for(store, tasks.watched)
    for generation in (task.generation - 1, task.generation):
        assert await jobs.poll(task, ScriptedProvider(), None, generation) == task
