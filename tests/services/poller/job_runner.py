"""Runs the poller's jobs in tests, each against a provider that answers as the test scripts."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from services.poller.decisions.poll_policy import PollPolicy
from services.poller.jobs.adopt import AdoptJob
from services.poller.jobs.delete import DeleteJob
from services.poller.jobs.poll import PollJob
from services.poller.jobs.submit import SubmitJob
from shared.domain.task import Task
from shared.runtime.ids import new_token
from shared.store import Store, SubmissionGate
from tests.services.poller.scripted_provider import POLICY, ScriptedProvider


@dataclass
class JobRunner:
    """Runs a job of a task, by default its next one, and returns the task as it is afterwards."""

    store: Store
    gate: SubmissionGate
    policy: PollPolicy = POLICY

    def submit_job(
        self,
        provider: ScriptedProvider,
        clock: Callable[[], float] = monotonic,
        retry_delay_s: float = 0,
    ) -> SubmitJob:
        settings = (self.policy, 50_000, new_token, clock, retry_delay_s)
        return SubmitJob(self.store, self.gate, provider, *settings)

    def adopt_job(self, provider: ScriptedProvider) -> AdoptJob:
        polling = PollJob(self.store, self.gate, provider, self.policy)
        return AdoptJob(self.store, provider, polling, self.policy)

    async def submit(
        self,
        task: Task,
        provider: ScriptedProvider,
        generation: int = 0,
        clock: Callable[[], float] = monotonic,
    ) -> Task:
        await self.submit_job(provider, clock).submit(task.id, generation)
        return await self.load(task)

    async def poll(
        self,
        task: Task,
        provider: ScriptedProvider,
        number: int | None = None,
        generation: int | None = None,
    ) -> Task:
        job = PollJob(self.store, self.gate, provider, self.policy)
        number = task.polls + 1 if number is None else number
        await job.poll(task.id, task.generation if generation is None else generation, number)
        return await self.load(task)

    async def adopt(self, task: Task, provider: ScriptedProvider) -> Task:
        """Check whether ``resp_1`` is the task's response."""
        await self.adopt_job(provider).adopt(task.id, task.generation, "resp_1")
        return await self.load(task)

    async def delete(self, task: Task, provider: ScriptedProvider) -> None:
        job = DeleteJob(self.store, self.gate, provider)
        await job.delete(task.id, task.generation, task.deletion_attempts)

    async def load(self, task: Task) -> Task:
        return (await self.store.load(task.id)).task
