"""Deletes one task: stops and deletes it at the provider, makes sure, then removes it here."""

from dataclasses import dataclass

import structlog

from services.poller.decisions.deletion import (
    Decision,
    Remove,
    TryAgain,
    decide_cancel,
    decide_deletion,
    decide_verification,
    decide_without_id,
)
from services.poller.jobs.pause import pause_on_401
from services.poller.provider.client import Provider
from services.poller.results import CallResult
from shared.domain import changes
from shared.domain.task import Task
from shared.runtime import tracing
from shared.store import Store, SubmissionGate, TaskDeletion

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class DeleteJob:
    """What deleting needs."""

    store: Store
    gate: SubmissionGate
    provider: Provider

    async def delete(self, task_id: str, generation: int, attempt: int) -> None:
        """Run the job: an attempt that is not the next one of a living deletion does nothing."""
        loaded = await self.store.load(task_id)
        task = loaded.task
        current = (task.generation, task.deletion_attempts) == (generation, attempt)
        if task.deletion_requested_at is None or not current:
            return
        await self.store.count_start(task)
        with tracing.task_span("delete", task):
            await self._apply(task, await self._clear(task, loaded.now))

    async def _apply(self, task: Task, decision: Decision) -> None:
        match decision:
            case TryAgain(after, problem):
                log.warning("not deleted yet", task=task.id, problem=problem, in_ms=after)
                await self.store.apply(changes.retry_deletion(task, problem, after))
            case Remove(outcome):
                if await self.store.delete(TaskDeletion(task, outcome)):
                    log.info("deleted", task=task.id, response=task.response_id, there=outcome)

    async def _clear(self, task: Task, now: int) -> Decision:
        """Whether the provider's side is settled, after doing what can be done for it."""
        if task.response_id is None:
            return decide_without_id(task, now)
        if task.cancel_pending:
            heard = await self._heard(await self.provider.cancel(task.response_id))
            if waiting := decide_cancel(heard, task, now):
                return waiting
        heard = await self._heard(await self.provider.delete(task.response_id))
        decision = decide_deletion(heard, task, now)
        if isinstance(decision, TryAgain):
            return decision
        heard = await self._heard(await self.provider.retrieve(task.response_id))
        return decide_verification(heard, decision, task, now)

    async def _heard(self, outcome: CallResult) -> CallResult:
        await pause_on_401(self.gate, outcome)
        return outcome
