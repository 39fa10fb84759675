"""Deletes one task: at the provider, with verification, and then here."""

from collections.abc import Awaitable
from dataclasses import dataclass

import structlog

from services.poller.decisions.deletion import (
    Decision,
    Remove,
    TryAgain,
    decide_before_deletion,
    decide_cancel,
    decide_deletion,
    decide_verification,
    decide_without_id,
    needs_cancel,
)
from services.poller.jobs.pause import pause_on_401
from services.poller.provider.client import Provider
from services.poller.results import CallResult
from shared.domain import changes
from shared.domain.task import Task
from shared.domain.tombstone import DeletionOutcome
from shared.runtime import tracing
from shared.store import Store, SubmissionGate, TaskDeletion

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class DeleteJob:
    """Runs the DELETE job."""

    store: Store
    gate: SubmissionGate
    provider: Provider

    async def delete(self, task_id: str, generation: int, attempt: int) -> None:
        """Make one attempt. One that is not the task's next deletion attempt does nothing."""
        loaded = await self.store.load(task_id)
        task = loaded.task
        current = (task.generation, task.deletion_attempts) == (generation, attempt)
        if task.deletion_requested_at is None or not current:
            return
        await self.store.count_start(task)
        with tracing.task_span("delete", task):
            await self._apply(task, await self._delete_at_provider(task, loaded.now))

    async def _apply(self, task: Task, decision: Decision) -> None:
        match decision:
            case TryAgain(after, problem, reason, acknowledged):
                log.warning("deletion_postponed", task=task.id, reason=reason, retry_in_ms=after)
                change = changes.retry_deletion(task, problem, after, acknowledged=acknowledged)
                await self.store.apply(change)
            case Remove(outcome):
                if await self.store.delete(TaskDeletion(task, outcome)):
                    log.info(
                        "task_deleted", task=task.id, response=task.response_id, provider=outcome
                    )

    async def _delete_at_provider(self, task: Task, now: int) -> Decision:
        if task.response_id is None:
            return decide_without_id(task, now)
        if task.deletion_here_only:
            return Remove(DeletionOutcome.UNKNOWN)
        shown = await self._checked(self.provider.retrieve(task.response_id))
        if settled := decide_before_deletion(shown, task, now):
            return settled
        if needs_cancel(shown, task):
            cancelled = await self._checked(self.provider.cancel(task.response_id))
            if retry := decide_cancel(cancelled, task, now):
                return retry
        deleted = await self._checked(self.provider.delete(task.response_id))
        decision = decide_deletion(deleted, task, now, self.provider.account_id)
        if isinstance(decision, TryAgain):
            return decision
        shown = await self._checked(self.provider.retrieve(task.response_id))
        return decide_verification(shown, decision, task, now)

    async def _checked(self, call: Awaitable[CallResult]) -> CallResult:
        result = await call
        await pause_on_401(self.gate, result)
        return result
