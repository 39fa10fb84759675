"""A response is attached to the task that its own metadata names, and to no other."""

from typing import Any

import pytest
from arq.jobs import deserialize_job_raw
from redis.asyncio import Redis

from services.poller.jobs.adopt import MAX_WEBHOOK_ATTEMPTS, RETRY_DELAY_MS, AdoptJob
from services.poller.jobs.poll import PollJob
from services.poller.results import BodyTooLarge, CallResult, NoReply, Reply
from shared import queue
from shared.domain import changes
from shared.domain.states import Status
from shared.domain.task import Task
from shared.queue import queue_name
from shared.store import Store, SubmissionGate, clock
from tests.services.poller.scripted_provider import (
    POLICY,
    ScriptedProvider,
    refused,
    reply,
    response,
)
from tests.shared import tasks

SILENT: list[Any] = [
    pytest.param(NoReply("ReadTimeout"), id="lost"),
    pytest.param(BodyTooLarge(1), id="too large"),
    pytest.param(reply(200, b"<html>"), id="unreadable"),
    pytest.param(reply(404, b"<html>"), id="another's 404"),
    pytest.param(reply(200, {"id": "resp_2", "status": "completed"}), id="another response"),
    pytest.param(
        reply(200, {"id": "resp_2", "metadata": {"task_id": "task_of_another"}}),
        id="another task's response",
    ),
    *(pytest.param(refused(status), id=str(status)) for status in (401, 403, 429, 500)),
]


def adoption(store: Store, gate: SubmissionGate, provider: ScriptedProvider) -> AdoptJob:
    return AdoptJob(store, provider, PollJob(store, gate, provider, POLICY), POLICY)


def of(task: Task, status: str = "in_progress") -> Reply:
    """The response ``resp_1`` of a task."""
    return response(status, metadata={"task_id": task.id})


async def now(store: Store, task: Task) -> Task:
    return (await store.load(task.id)).task


async def queued(redis: Redis, function: str) -> list[tuple[tuple[Any, ...], float]]:
    """The arguments of the jobs of one kind, and in how many milliseconds they are due."""
    found = []
    time = await clock.now(redis)
    for job_id, score in await redis.zrange(queue_name("openai"), 0, -1, withscores=True):
        payload = await redis.get(f"arq:job:{job_id.decode()}")
        name, args, *_ = deserialize_job_raw(payload, deserializer=queue.load)
        if name == function:
            found.append((tuple(args), score - time))
    return found


async def test_the_tasks_own_response_is_attached_and_polled(
    store: Store, gate: SubmissionGate, redis: Redis
) -> None:
    task = await tasks.adopting(store)
    await adoption(store, gate, ScriptedProvider(of(task))).adopt(
        task.id, task.generation, "resp_1"
    )
    after = await now(store, task)
    assert (after.status, after.response_id, after.provider_status) == (
        Status.IN_PROGRESS,
        "resp_1",
        "in_progress",
    )
    assert (after.adopting, after.error_code, after.error_message) == (None, None, None)
    assert await store.task_of_response("resp_1") == task.id
    [(arguments, _)] = await queued(redis, queue.POLL)
    assert arguments == (task.id, after.generation, 1)


@pytest.mark.parametrize(
    ("metadata", "named"),
    [({"task_id": "task_0"}, "task_0"), ({}, "names no task"), (None, "names no task")],
    ids=["another's", "nobody's", "none"],
)
async def test_another_tasks_response_is_refused_in_words(
    store: Store, gate: SubmissionGate, metadata: Any, named: str
) -> None:
    task = await tasks.adopting(store)
    provider = ScriptedProvider(response("completed", metadata=metadata))
    await adoption(store, gate, provider).adopt(task.id, task.generation, "resp_1")
    after = await now(store, task)
    assert (after.status, after.adopting, after.response_id) == (Status.UNCONFIRMED, None, None)
    assert named in (after.adoption_refused or "")
    assert (after.error_code, after.error_message) == ("unconfirmed", "no answer")
    assert await store.task_of_response("resp_1") is None


@pytest.mark.parametrize("status", [400, 404])
async def test_an_id_that_the_provider_does_not_know_is_refused(
    store: Store, gate: SubmissionGate, status: int
) -> None:
    task = await tasks.adopting(store)
    await adoption(store, gate, ScriptedProvider(refused(status))).adopt(
        task.id, task.generation, "resp_1"
    )
    after = await now(store, task)
    assert (after.status, after.error_code) == (Status.UNCONFIRMED, "unconfirmed")
    assert "resp_1" in (after.adoption_refused or "")


@pytest.mark.parametrize("result", SILENT)
async def test_a_provider_that_cannot_say_is_asked_again(
    store: Store, gate: SubmissionGate, redis: Redis, result: CallResult
) -> None:
    task = await tasks.adopting(store)
    await redis.delete(queue_name("openai"))
    provider = ScriptedProvider(result, of(task))
    await adoption(store, gate, provider).adopt(task.id, task.generation, "resp_1")
    after = await now(store, task)
    assert (after.status, after.adopting) == (Status.UNCONFIRMED, "resp_1")
    assert after.version == task.version
    [(arguments, delay)] = await queued(redis, queue.ADOPT)
    assert arguments == (task.id, after.generation, "resp_1")
    assert 0 < delay <= RETRY_DELAY_MS
    await adoption(store, gate, provider).adopt(*arguments)
    assert (await now(store, task)).status is Status.IN_PROGRESS


async def test_a_check_that_was_overtaken_asks_nobody(store: Store, gate: SubmissionGate) -> None:
    task = await tasks.adopting(store)
    again = await tasks.changed(store, changes.adopt(task, "resp_2", 0, 25_000))
    await adoption(store, gate, ScriptedProvider()).adopt(task.id, task.generation, "resp_1")
    ended = await tasks.changed(store, changes.abandon(again))
    await adoption(store, gate, ScriptedProvider()).adopt(task.id, ended.generation, "resp_2")
    assert await now(store, task) == ended


async def test_a_person_who_gives_up_while_it_is_checked_is_not_overruled(
    store: Store, gate: SubmissionGate
) -> None:
    task = await tasks.adopting(store)

    async def abandon() -> None:
        await tasks.changed(store, changes.abandon(task))

    provider = ScriptedProvider(of(task), meanwhile=abandon)
    await adoption(store, gate, provider).adopt(task.id, task.generation, "resp_1")
    after = await now(store, task)
    assert (after.status, after.error_code) == (Status.FAILED, "abandoned")


async def test_an_event_of_a_known_response_makes_its_poll_come_at_once(
    store: Store, gate: SubmissionGate
) -> None:
    task = await tasks.in_progress(store)
    provider = ScriptedProvider(response("completed"))
    for _ in range(2):  # events come twice
        await adoption(store, gate, provider).handle_webhook("resp_1", 1)
    after = await now(store, task)
    assert (after.status, after.polls, len(provider.calls)) == (Status.COMPLETED, 1, 1)


async def test_an_event_before_its_time_leaves_one_chain(
    store: Store, gate: SubmissionGate, redis: Redis
) -> None:
    task = await tasks.in_progress(store)
    provider = ScriptedProvider(response("in_progress"))
    await adoption(store, gate, provider).handle_webhook("resp_1", 1)
    after = await now(store, task)
    assert (after.polls, after.generation) == (1, task.generation)
    # The poll that was to come next is out of line by now.
    await PollJob(store, gate, ScriptedProvider(), POLICY).poll(task.id, task.generation, 1)
    assert ((task.id, task.generation, 2),) in [job[:1] for job in await queued(redis, queue.POLL)]


@pytest.mark.parametrize(
    ("bring", "status"),
    [
        (tasks.unconfirmed, Status.IN_PROGRESS),
        (tasks.adopting, Status.IN_PROGRESS),
        (tasks.cancelled_unsent, Status.CANCELLED),
    ],
)
async def test_an_event_finds_the_task_that_did_not_know_its_response(
    store: Store, gate: SubmissionGate, redis: Redis, bring: Any, status: Status
) -> None:
    task = await bring(store)
    await adoption(store, gate, ScriptedProvider(of(task, "completed"))).handle_webhook("resp_1", 1)
    after = await now(store, task)
    assert (after.status, after.response_id, after.adopting) == (status, "resp_1", None)
    assert after.needs_polling
    assert await store.task_of_response("resp_1") == task.id
    assert await queued(redis, queue.WEBHOOK) == []


async def test_what_was_given_up_keeps_its_end_and_learns_its_cost(
    store: Store, gate: SubmissionGate
) -> None:
    task = await tasks.unconfirmed(store)
    await tasks.changed(store, changes.abandon(task))
    done = response(
        "completed",
        metadata={"task_id": task.id},
        usage={"input_tokens": 1, "output_tokens": 1},
    )
    provider = ScriptedProvider(done, refused(409), done)
    await adoption(store, gate, provider).handle_webhook("resp_1", 1)
    for number in (1, 2):
        found = await now(store, task)
        await PollJob(store, gate, provider, POLICY).poll(task.id, found.generation, number)
    after = await now(store, task)
    assert (after.status, after.error_code, after.cost) == (Status.FAILED, "abandoned", 135)
    assert await store.response(task.id) == done.body


@pytest.mark.parametrize(
    "metadata", [{"task_id": "task_0"}, {}, None], ids=["unknown", "no task", "none"]
)
async def test_an_event_of_somebody_elses_response_is_forgotten(
    store: Store, gate: SubmissionGate, redis: Redis, metadata: Any
) -> None:
    task = await tasks.unconfirmed(store)
    provider = ScriptedProvider(response("completed", metadata=metadata))
    await adoption(store, gate, provider).handle_webhook("resp_1", 1)
    assert await now(store, task) == task
    assert await queued(redis, queue.WEBHOOK) == []


async def test_a_second_response_of_a_task_never_replaces_the_first(
    store: Store, gate: SubmissionGate
) -> None:
    task = await tasks.in_progress(store)
    other = reply(200, {"id": "resp_2", "status": "completed", "metadata": {"task_id": task.id}})
    await adoption(store, gate, ScriptedProvider(other)).handle_webhook("resp_2", 1)
    assert await now(store, task) == task


async def test_an_event_attaches_no_other_response_than_the_one_it_names(
    store: Store, gate: SubmissionGate
) -> None:
    task = await tasks.unconfirmed(store)
    other = reply(200, {"id": "resp_2", "status": "completed", "metadata": {"task_id": task.id}})
    await adoption(store, gate, ScriptedProvider(other)).handle_webhook("resp_1", 1)
    assert await now(store, task) == task


async def test_an_event_while_the_task_is_still_being_sent_waits_for_its_end(
    store: Store, gate: SubmissionGate, redis: Redis
) -> None:
    """Else the claim's holder, who is about to write the id, would be overtaken."""
    task = await tasks.submitting(store)
    await adoption(store, gate, ScriptedProvider(of(task))).handle_webhook("resp_1", 1)
    assert await now(store, task) == task
    [(arguments, delay)] = await queued(redis, queue.WEBHOOK)
    assert arguments == ("resp_1", 2)
    assert 0 < delay <= RETRY_DELAY_MS


@pytest.mark.parametrize("result", [*SILENT, refused(404)])
async def test_a_response_that_cannot_be_seen_is_looked_at_again_a_bounded_number_of_times(
    store: Store, gate: SubmissionGate, redis: Redis, result: CallResult
) -> None:
    await adoption(store, gate, ScriptedProvider(result)).handle_webhook(
        "resp_1", MAX_WEBHOOK_ATTEMPTS - 1
    )
    [(arguments, _)] = await queued(redis, queue.WEBHOOK)
    assert arguments == ("resp_1", MAX_WEBHOOK_ATTEMPTS)
    await redis.delete(queue_name("openai"))
    await adoption(store, gate, ScriptedProvider(result)).handle_webhook(
        "resp_1", MAX_WEBHOOK_ATTEMPTS
    )
    assert await queued(redis, queue.WEBHOOK) == []
