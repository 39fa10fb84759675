"""A job counts as started until it records a result, so that the sweep finds what kills workers."""

from collections.abc import Awaitable, Callable

import pytest

from services.poller.results import NoReply
from shared.domain import changes
from shared.domain.task import Task
from shared.store import Store
from tests.services.poller.job_runner import JobRunner
from tests.services.poller.scripted_provider import Meanwhile, ScriptedProvider
from tests.shared import tasks

Run = Callable[[JobRunner, Task, ScriptedProvider], Awaitable[object]]


async def asked_to_delete(store: Store) -> Task:
    watched = await tasks.watched(store)
    return await tasks.changed(store, changes.request_deletion(watched))


@pytest.mark.parametrize(
    ("bring", "run"),
    [
        (tasks.in_progress, JobRunner.poll),
        (tasks.watched, JobRunner.poll),
        (tasks.adopting, JobRunner.adopt),
        (asked_to_delete, JobRunner.delete),
    ],
)
async def test_a_job_counts_as_started_until_it_records_a_result(
    store: Store, jobs: JobRunner, bring: Callable[[Store], Awaitable[Task]], run: Run
) -> None:
    task = await bring(store)
    during = Meanwhile(store, task)
    await run(jobs, task, ScriptedProvider(NoReply("ReadTimeout"), meanwhile=during))
    assert (during.starts, await store.job_starts(task.id)) == (1, 0)
