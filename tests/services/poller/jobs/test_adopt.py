"""A response is attached to the task that its own metadata names, and to no other."""

from typing import Any

import pytest
from arq.jobs import deserialize_job_raw
from redis.asyncio import Redis
from structlog.testing import capture_logs

from services.poller.jobs.adopt import MAX_WEBHOOK_ATTEMPTS, RETRY_DELAY_MS
from services.poller.results import BodyTooLarge, CallResult, NoReply, Reply
from shared import queue
from shared.domain import changes
from shared.domain.states import Status
from shared.domain.task import Task
from shared.queue import queue_name
from shared.store import Store, clock
from tests.services.poller.job_runner import JobRunner
from tests.services.poller.scripted_provider import (
    Meanwhile,
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


def of(task: Task, status: str = "in_progress") -> Reply:
    """The response ``resp_1`` of a task."""
    return response(status, metadata={"task_id": task.id})


async def hear_of(jobs: JobRunner, task: Task, *results: CallResult, named: str = "resp_1") -> Task:
    """The task after a webhook that says that a response has ended."""
    await jobs.adopt_job(ScriptedProvider(*results)).handle_webhook(named, 1)
    return await jobs.load(task)


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
    store: Store, redis: Redis, jobs: JobRunner
) -> None:
    task = await tasks.adopting(store)
    after = await jobs.adopt(task, ScriptedProvider(of(task)))
    assert (after.status, after.response_id) == (Status.IN_PROGRESS, "resp_1")
    assert after.provider_status == "in_progress"
    assert (after.adopting, after.error_code, after.error_message) == (None, None, None)
    assert await store.task_of_response("resp_1") == task.id
    [(arguments, _)] = await queued(redis, queue.POLL)
    assert arguments == (task.id, after.generation, 1)


@pytest.mark.parametrize(
    ("result", "named"),
    [
        (response("completed", metadata={"task_id": "task_0"}), "task_0"),
        (response("completed", metadata={}), "names no task"),
        (response("completed", metadata=None), "names no task"),
        (refused(400), "resp_1"),
        (refused(404), "resp_1"),
    ],
    ids=["another's", "nobody's", "no metadata", "400", "404"],
)
async def test_a_response_that_is_not_this_tasks_is_refused_with_the_reason(
    store: Store, jobs: JobRunner, result: CallResult, named: str
) -> None:
    after = await jobs.adopt(await tasks.adopting(store), ScriptedProvider(result))
    assert (after.status, after.adopting, after.response_id) == (Status.UNCONFIRMED, None, None)
    assert named in (after.adoption_refused or "")
    assert (after.error_code, after.error_message) == ("unconfirmed", "no answer")
    assert await store.task_of_response("resp_1") is None


@pytest.mark.parametrize("result", SILENT)
async def test_a_response_that_cannot_be_read_is_read_again(
    store: Store, redis: Redis, jobs: JobRunner, result: CallResult
) -> None:
    task = await tasks.adopting(store)
    await redis.delete(queue_name("openai"))
    after = await jobs.adopt(task, ScriptedProvider(result))
    assert (after.status, after.adopting) == (Status.UNCONFIRMED, "resp_1")
    assert after.version == task.version + 1
    assert after.problem is not None
    [(arguments, delay)] = await queued(redis, queue.ADOPT)
    assert arguments == (task.id, after.generation, "resp_1")
    assert 0 < delay <= RETRY_DELAY_MS
    assert (await jobs.adopt(after, ScriptedProvider(of(task)))).status is Status.IN_PROGRESS


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (reply(200, b"<html>"), "unreadable"),
        (reply(200, {"id": "resp_2", "status": "completed"}), "another_response"),
        (refused(500), "500"),
        (NoReply("ReadTimeout"), "no_reply"),
    ],
    ids=str,
)
async def test_a_check_that_could_not_be_made_names_its_reason(
    store: Store, jobs: JobRunner, result: CallResult, reason: str
) -> None:
    task = await tasks.adopting(store)
    with capture_logs() as logs:
        after = await jobs.adopt(task, ScriptedProvider(result))
    assert [(entry["event"], entry["reason"]) for entry in logs] == [("adoption_postponed", reason)]
    assert after.problem is not None
    assert after.problem.code == reason
    refusing = ScriptedProvider(response("completed", metadata={"task_id": "task_0"}))
    assert (await jobs.adopt(after, refusing)).problem is None


async def test_an_outdated_check_makes_no_call(store: Store, jobs: JobRunner) -> None:
    task = await tasks.adopting(store)
    again = await tasks.changed(store, changes.adopt(task, "resp_2", 0, 25_000))
    assert await jobs.adopt(task, ScriptedProvider()) == again
    ended = await tasks.changed(store, changes.abandon(again))
    assert await jobs.adopt(ended, ScriptedProvider()) == ended


async def test_a_task_abandoned_during_the_check_stays_abandoned(
    store: Store, jobs: JobRunner
) -> None:
    task = await tasks.adopting(store)
    during = Meanwhile(store, task, changes.abandon)
    after = await jobs.adopt(task, ScriptedProvider(of(task), meanwhile=during))
    assert (after.status, after.error_code) == (Status.FAILED, "abandoned")


async def test_an_event_of_a_known_response_polls_it_at_once_and_only_once(
    store: Store, jobs: JobRunner
) -> None:
    task = await tasks.in_progress(store)
    after = await hear_of(jobs, task, response("completed"))
    assert (after.status, after.polls) == (Status.COMPLETED, 1)
    assert await hear_of(jobs, task) == after  # events come twice


async def test_an_event_before_its_time_leaves_one_chain(
    store: Store, redis: Redis, jobs: JobRunner
) -> None:
    task = await tasks.in_progress(store)
    after = await hear_of(jobs, task, response("in_progress"))
    assert (after.polls, after.generation) == (1, task.generation)
    # The poll that was scheduled before is no longer the next one.
    await jobs.poll(task, ScriptedProvider())
    assert ((task.id, task.generation, 2),) in [job[:1] for job in await queued(redis, queue.POLL)]


@pytest.mark.parametrize(
    ("bring", "status"),
    [
        (tasks.unconfirmed, Status.IN_PROGRESS),
        (tasks.adopting, Status.IN_PROGRESS),
        (tasks.cancelled_unsent, Status.CANCELLED),
    ],
)
async def test_an_event_attaches_its_response_to_the_task_without_one(
    store: Store, redis: Redis, jobs: JobRunner, bring: Any, status: Status
) -> None:
    task = await bring(store)
    after = await hear_of(jobs, task, of(task))
    assert (after.status, after.response_id, after.adopting) == (status, "resp_1", None)
    assert after.needs_polling
    assert await store.task_of_response("resp_1") == task.id
    assert await queued(redis, queue.WEBHOOK) == []


@pytest.mark.parametrize("by_event", [True, False], ids=["webhook", "person"])
@pytest.mark.parametrize("word", ["completed", "incomplete", "failed", "cancelled"])
async def test_what_a_named_response_ended_with_is_kept_though_it_is_gone_later(
    store: Store, redis: Redis, jobs: JobRunner, word: str, *, by_event: bool
) -> None:
    task = await tasks.adopting(store)
    done = of(task, word)
    if by_event:
        after = await hear_of(jobs, task, done)
    else:
        after = await jobs.adopt(task, ScriptedProvider(done))
    assert (after.status, after.response_id, after.next_poll_at) == (word, "resp_1", None)
    assert (after.adopting, after.adoption_refused) == (None, None)
    assert await store.response(task.id) == done.body
    assert await queued(redis, queue.POLL) == []


async def test_an_end_under_another_id_is_taken_where_the_metadata_names_the_task(
    store: Store, jobs: JobRunner
) -> None:
    task = await tasks.adopting(store)
    shown = {"id": "resp_raw", "status": "completed", "metadata": {"task_id": task.id}}
    running = ScriptedProvider(reply(200, shown | {"status": "in_progress"}))
    waiting = await jobs.adopt(task, running)
    assert (waiting.status, waiting.adopting) == (Status.UNCONFIRMED, "resp_1")
    after = await jobs.adopt(waiting, ScriptedProvider(reply(200, shown)))
    assert (after.status, after.response_id) == (Status.COMPLETED, "resp_raw")


async def test_a_cancelled_response_of_a_cancelled_task_is_watched(
    store: Store, jobs: JobRunner
) -> None:
    """OpenAI has completed such responses."""
    task = await tasks.cancelled_unsent(store)
    assert (await hear_of(jobs, task, of(task, "cancelled"))).needs_polling


async def test_an_abandoned_task_keeps_its_end_and_gets_its_cost(
    store: Store, jobs: JobRunner
) -> None:
    task = await tasks.changed(store, changes.abandon(await tasks.unconfirmed(store)))
    usage = {"input_tokens": 1, "output_tokens": 1}
    done = response("completed", metadata={"task_id": task.id}, usage=usage)
    after = await hear_of(jobs, task, done)
    assert (after.status, after.error_code, after.cost) == (Status.FAILED, "abandoned", 135)
    assert await store.response(task.id) == done.body


@pytest.mark.parametrize(
    "metadata", [{"task_id": "task_0"}, {}, None], ids=["unknown", "no task", "none"]
)
async def test_an_event_of_another_programs_response_is_ignored(
    store: Store, redis: Redis, jobs: JobRunner, metadata: Any
) -> None:
    task = await tasks.unconfirmed(store)
    assert await hear_of(jobs, task, response("completed", metadata=metadata)) == task
    assert await queued(redis, queue.WEBHOOK) == []


@pytest.mark.parametrize(
    ("bring", "named"),
    [(tasks.in_progress, "resp_2"), (tasks.unconfirmed, "resp_1")],
    ids=["a second response", "another response than the event names"],
)
async def test_an_event_attaches_no_second_and_no_other_response(
    store: Store, jobs: JobRunner, bring: Any, named: str
) -> None:
    task = await bring(store)
    other = reply(200, {"id": "resp_2", "status": "completed", "metadata": {"task_id": task.id}})
    assert await hear_of(jobs, task, other, named=named) == task


async def test_an_event_during_the_submission_waits_for_its_end(
    store: Store, redis: Redis, jobs: JobRunner
) -> None:
    """Else the holder of the claim, who is about to store the id, would be overtaken."""
    task = await tasks.submitting(store)
    assert await hear_of(jobs, task, of(task)) == task
    [(arguments, delay)] = await queued(redis, queue.WEBHOOK)
    assert arguments == ("resp_1", 2)
    assert 0 < delay <= RETRY_DELAY_MS


@pytest.mark.parametrize("result", [*SILENT, refused(404)])
async def test_a_webhook_whose_response_cannot_be_read_is_retried_a_bounded_number_of_times(
    redis: Redis, jobs: JobRunner, result: CallResult
) -> None:
    job = jobs.adopt_job(ScriptedProvider(result, result))
    await job.handle_webhook("resp_1", MAX_WEBHOOK_ATTEMPTS - 1)
    [(arguments, _)] = await queued(redis, queue.WEBHOOK)
    assert arguments == ("resp_1", MAX_WEBHOOK_ATTEMPTS)
    await redis.delete(queue_name("openai"))
    await job.handle_webhook("resp_1", MAX_WEBHOOK_ATTEMPTS)
    assert await queued(redis, queue.WEBHOOK) == []
