"""A job counts as started until it records a result, so that the sweep finds what kills workers."""

from collections.abc import Awaitable, Callable

import pytest

from services.poller.jobs.adopt import AdoptJob
from services.poller.jobs.delete import DeleteJob
from services.poller.jobs.poll import PollJob
from services.poller.results import NoReply
from shared.domain import changes
from shared.domain.task import Task
from shared.store import Store, SubmissionGate
from tests.services.poller.scripted_provider import POLICY, Meanwhile, ScriptedProvider
from tests.shared import tasks

Run = Callable[[Store, SubmissionGate, ScriptedProvider, Task], Awaitable[None]]


async def asked_to_delete(store: Store) -> Task:
    watched = await tasks.watched(store)
    return await tasks.changed(store, changes.request_deletion(watched))


async def poll(store: Store, gate: SubmissionGate, provider: ScriptedProvider, task: Task) -> None:
    await PollJob(store, gate, provider, POLICY).poll(task.id, task.generation, 1)


async def adopt(store: Store, gate: SubmissionGate, provider: ScriptedProvider, task: Task) -> None:
    job = AdoptJob(store, provider, PollJob(store, gate, provider, POLICY), POLICY)
    await job.adopt(task.id, task.generation, "resp_1")


async def delete(
    store: Store, gate: SubmissionGate, provider: ScriptedProvider, task: Task
) -> None:
    await DeleteJob(store, gate, provider).delete(task.id, task.generation, 0)


@pytest.mark.parametrize(
    ("bring", "run"),
    [
        (tasks.in_progress, poll),
        (tasks.watched, poll),
        (tasks.adopting, adopt),
        (asked_to_delete, delete),
    ],
)
async def test_a_job_counts_as_started_until_it_records_a_result(
    store: Store, gate: SubmissionGate, bring: Callable[[Store], Awaitable[Task]], run: Run
) -> None:
    task = await bring(store)
    during = Meanwhile(store, task)
    await run(store, gate, ScriptedProvider(NoReply("ReadTimeout"), meanwhile=during), task)
    assert (during.starts, await store.job_starts(task.id)) == (1, 0)
