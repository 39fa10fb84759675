"""A task is removed here only after the provider's side is settled, in that order, and verified."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio import Redis

from services.poller.jobs.adopt import AdoptJob
from services.poller.jobs.delete import DeleteJob
from services.poller.jobs.poll import PollJob
from services.poller.jobs.submit import SubmitJob
from services.poller.results import CallResult, NoReply
from shared.domain import changes
from shared.domain.changes import TaskResult
from shared.domain.errors import TaskDeleted
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.domain.tombstone import DeletionOutcome as There
from shared.domain.tombstone import Tombstone
from shared.runtime.ids import new_token
from shared.store import Store, SubmissionGate, TaskDeletion
from tests.services.poller.scripted_provider import (
    POLICY,
    ScriptedProvider,
    refused,
    reply,
    response,
)
from tests.shared import tasks

DONE = reply(200, {"id": "resp_1", "object": "response", "deleted": True})
GONE = refused(404)


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


async def run(store: Store, gate: SubmissionGate, provider: ScriptedProvider, task: Task) -> None:
    """The job as it stands now."""
    await DeleteJob(store, gate, provider).delete(task.id, task.generation, task.deletion_attempts)


async def now(store: Store, task: Task) -> Task:
    return (await store.load(task.id)).task


async def left(store: Store, task: Task) -> Tombstone:
    with pytest.raises(TaskDeleted) as gone:
        await store.load(task.id)
    return gone.value.tombstone


async def test_what_is_there_is_deleted_verified_and_then_removed_here(
    store: Store, gate: SubmissionGate
) -> None:
    task = await asked_for(store, completed)
    kept: list[Task] = []

    async def look() -> None:
        kept.append(await now(store, task))

    provider = ScriptedProvider(DONE, GONE, meanwhile=look)
    await run(store, gate, provider, task)
    assert provider.calls == [("delete", "resp_1"), ("retrieve", "resp_1")]
    assert kept == [task]
    tombstone = await left(store, task)
    assert (tombstone.outcome, tombstone.response_id) == (There.DELETED, "resp_1")


async def test_what_is_gone_there_already_is_said_to_be(store: Store, gate: SubmissionGate) -> None:
    task = await asked_for(store, completed)
    await run(store, gate, ScriptedProvider(GONE, GONE), task)
    assert (await left(store, task)).outcome is There.ALREADY_GONE


@pytest.mark.parametrize(
    ("bring", "outcome"),
    [
        (cancelled, There.NEVER_SENT),
        (refused_there, There.NEVER_SENT),
        (abandoned, There.UNKNOWN),
    ],
)
async def test_without_a_response_nobody_is_asked(
    store: Store, gate: SubmissionGate, bring: Any, outcome: There
) -> None:
    task = await asked_for(store, bring)
    provider = ScriptedProvider()
    await run(store, gate, provider, task)
    assert provider.calls == []
    assert (await left(store, task)).outcome is outcome


async def test_what_still_runs_there_is_stopped_before_it_is_deleted(
    store: Store, gate: SubmissionGate
) -> None:
    task = await asked_for(store, tasks.watched)
    provider = ScriptedProvider(response("cancelled"), DONE, GONE)
    await run(store, gate, provider, task)
    assert [call[0] for call in provider.calls] == ["cancel", "delete", "retrieve"]
    tombstone = await left(store, task)
    assert (tombstone.outcome, tombstone.cost_unknown) == (There.DELETED, True)


@pytest.mark.parametrize(
    ("outcomes", "problem"),
    [
        ([NoReply("ReadTimeout")], "does not answer"),
        ([refused(500)], "answered 500"),
        ([refused(400)], "answered 400"),
        ([refused(403)], "answered 403"),
        ([reply(404, b"<html>")], "answered 404"),
        ([DONE, response("completed")], "still returns"),
        ([DONE, NoReply("ReadTimeout")], "does not answer"),
        ([DONE, reply(404, b"<html>")], "answered 404"),
        ([GONE, response("completed")], "still returns"),
    ],
    ids=str,
)
async def test_until_it_is_settled_there_everything_stays_here_and_says_why(
    store: Store, gate: SubmissionGate, redis: Redis, outcomes: list[CallResult], problem: str
) -> None:
    task = await asked_for(store, completed)
    await run(store, gate, ScriptedProvider(*outcomes), task)
    after = await now(store, task)
    assert (after.deletion_requested_at, after.deletion_attempts) == (task.deletion_requested_at, 1)
    assert problem in (after.deletion_problem or "")
    assert after.version == task.version + 1
    assert await store.response(task.id) == b"{}"
    assert await redis.exists(f"arq:job:delete:{task.id}:{task.generation}:1")
    await run(store, gate, ScriptedProvider(DONE, GONE), after)
    assert (await left(store, task)).attempts == 1


async def test_what_could_not_be_stopped_is_not_deleted(store: Store, gate: SubmissionGate) -> None:
    task = await asked_for(store, tasks.watched)
    provider = ScriptedProvider(NoReply("ConnectTimeout"))
    await run(store, gate, provider, task)
    assert [call[0] for call in provider.calls] == ["cancel"]
    assert (await now(store, task)).deletion_attempts == 1


@pytest.mark.parametrize(("status", "closed"), [(401, PauseReason.BAD_KEY), (403, None)])
async def test_a_refused_key_closes_the_gate_for_all_a_forbidden_call_does_not(
    store: Store, gate: SubmissionGate, status: int, closed: PauseReason | None
) -> None:
    task = await asked_for(store, completed)
    await run(store, gate, ScriptedProvider(refused(status)), task)
    found = await gate.pause_state()
    assert (found and found.reason) == closed


async def test_a_doubled_or_outdated_job_asks_nobody(store: Store, gate: SubmissionGate) -> None:
    task = await asked_for(store, completed)
    deletion = DeleteJob(store, gate, ScriptedProvider())
    await deletion.delete(task.id, task.generation - 1, 0)
    await deletion.delete(task.id, task.generation, 1)
    assert await now(store, task) == task


async def test_a_job_without_a_persons_wish_deletes_nothing(
    store: Store, gate: SubmissionGate
) -> None:
    task = await completed(store)
    await run(store, gate, ScriptedProvider(), task)
    assert await now(store, task) == task


async def test_two_workers_at_once_delete_it_once(store: Store, gate: SubmissionGate) -> None:
    task = await asked_for(store, completed)

    async def another() -> None:
        await run(store, gate, ScriptedProvider(DONE, GONE), task)

    await run(store, gate, ScriptedProvider(GONE, GONE, meanwhile=another), task)
    assert (await left(store, task)).outcome is There.DELETED


async def test_an_attempt_counts_as_started_until_something_comes_of_it(
    store: Store, gate: SubmissionGate
) -> None:
    task = await asked_for(store, completed)
    seen: list[int] = []

    async def look() -> None:
        seen.append(await store.job_starts(task.id))

    await run(store, gate, ScriptedProvider(NoReply("ReadTimeout"), meanwhile=look), task)
    assert (seen, await store.job_starts(task.id)) == ([1], 0)


async def test_what_was_just_being_sent_waits_for_its_sender_and_then_is_deleted_too(
    store: Store, gate: SubmissionGate
) -> None:
    """The person cancelled and deleted it while its POST was out."""
    task = await tasks.accepted(store)
    deleting: list[Task] = []

    async def cancel_and_delete() -> None:
        sent = await now(store, task)
        ended = await tasks.changed(store, changes.cancel(sent, 25_000))
        asked = await tasks.changed(store, changes.request_deletion(ended))
        await run(store, gate, ScriptedProvider(), asked)
        deleting.append(await now(store, task))

    provider = ScriptedProvider(response("queued"), meanwhile=cancel_and_delete)
    submission = SubmitJob(store, gate, provider, POLICY, 50_000, new_token, lambda: 0.0, 0)
    await submission.submit(task.id, 0)
    assert "being sent" in (deleting[0].deletion_problem or "")
    found = await now(store, task)
    assert (found.response_id, found.cancel_pending, found.needs_polling) == ("resp_1", 1, False)
    provider = ScriptedProvider(response("cancelled"), DONE, GONE)
    await run(store, gate, provider, found)
    assert (await left(store, task)).outcome is There.DELETED


async def test_a_webhook_during_the_deletion_has_the_response_deleted_too(
    store: Store, gate: SubmissionGate
) -> None:
    task = await asked_for(store, abandoned)
    provider = ScriptedProvider(response("completed", metadata={"task_id": task.id}))
    adoption = AdoptJob(store, provider, PollJob(store, gate, provider, POLICY), POLICY)
    await adoption.handle_webhook("resp_1", 1)
    found = await now(store, task)
    assert (found.response_id, found.needs_polling, found.generation) == (
        "resp_1",
        False,
        task.generation + 1,
    )
    assert await store.delete(TaskDeletion(task, There.UNKNOWN)) is None
    await run(store, gate, ScriptedProvider(refused(409), DONE, GONE), found)
    assert (await left(store, task)).response_id == "resp_1"


async def test_a_webhook_after_the_deletion_does_no_harm_and_is_named_in_the_log(
    store: Store, gate: SubmissionGate, redis: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    task = await asked_for(store, abandoned)
    await run(store, gate, ScriptedProvider(), task)
    jobs = await redis.keys("arq:job:*")
    provider = ScriptedProvider(response("completed", metadata={"task_id": task.id}))
    adoption = AdoptJob(store, provider, PollJob(store, gate, provider, POLICY), POLICY)
    await adoption.handle_webhook("resp_1", 1)
    assert await redis.keys("arq:job:*") == jobs
    assert (await left(store, task)).outcome is There.UNKNOWN
    said = capsys.readouterr().out
    assert "response_of_deleted_task_found" in said
    assert "resp_1" in said


async def test_a_webhook_that_is_overtaken_by_the_wish_to_delete_listens_on(
    store: Store, gate: SubmissionGate, redis: Redis
) -> None:
    task = await abandoned(store)

    class OvertakenStore(Store):
        async def apply(
            self, change: changes.Change, *, token: str | None = None, durable: bool = False
        ) -> Task | None:
            await super().apply(changes.request_deletion(task))
            return await super().apply(change, token=token, durable=durable)

    overtaken = OvertakenStore(redis, "openai", confirm=False)
    provider = ScriptedProvider(response("completed", metadata={"task_id": task.id}))
    adoption = AdoptJob(overtaken, provider, PollJob(store, gate, provider, POLICY), POLICY)
    await adoption.handle_webhook("resp_1", 1)
    assert (await now(store, task)).response_id is None
    assert await redis.exists("arq:job:webhook:resp_1:2")


async def test_an_answer_that_comes_while_it_is_deleted_is_not_waited_for(
    store: Store, gate: SubmissionGate
) -> None:
    task = await asked_for(store, tasks.watched)
    polling = PollJob(store, gate, ScriptedProvider(), POLICY)
    for generation in (task.generation - 1, task.generation):
        await polling.poll(task.id, generation, task.polls + 1)
    assert await now(store, task) == task
