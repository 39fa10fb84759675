"""A task keeps the models at its acceptance, its sending and its answer, each in its own field."""

from redis.asyncio import Redis

from shared.domain import changes
from shared.openai.model import ACTIVE
from shared.store import Store, keys
from tests.services.poller.job_runner import JobRunner
from tests.services.poller.scripted_provider import ScriptedProvider, refused, response
from tests.shared import tasks

EARLIER = "gpt-4.5-preview"


async def test_a_task_that_waited_for_another_model_is_sent_to_the_active_one_and_says_so(
    store: Store, redis: Redis, jobs: JobRunner
) -> None:
    task = await tasks.accepted(store)
    assert task.accepted_model == ACTIVE.name
    await redis.hset(keys.record(task.id), "accepted_model", EARLIER)
    sent = await jobs.submit(task, ScriptedProvider(response("queued")))
    assert (sent.accepted_model, sent.sent_model) == (EARLIER, ACTIVE.name)
    done = response("completed", model="gpt-5-mini", reasoning={"mode": "standard"})
    after = await jobs.poll(sent, ScriptedProvider(done))
    assert (after.answered_model, after.answered_mode) == ("gpt-5-mini", "standard")


async def test_a_task_that_was_not_taken_was_sent_to_no_model(
    store: Store, jobs: JobRunner
) -> None:
    after = await jobs.submit(await tasks.accepted(store), ScriptedProvider(refused(429)))
    assert after.sent_model is None


async def test_a_late_answer_names_its_model_too(store: Store, jobs: JobRunner) -> None:
    task = await tasks.changed(store, changes.cancel(await tasks.in_progress(store), 25_000))
    after = await jobs.poll(task, ScriptedProvider(response("completed", model="m" * 1000)))
    assert after.answered_model == "m" * 100
