"""A task on its way out: what must still be true of it, where it is named, and what is left."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.spending import LedgerDelta, outcome_of
from shared.domain.task import Task
from shared.domain.tombstone import DeletionOutcome
from shared.store import keys


@dataclass(frozen=True, slots=True)
class TaskDeletion:
    """A task that is being deleted, with what became of it at the provider."""

    task: Task
    outcome: DeletionOutcome

    @property
    def expect(self) -> Mapping[str, str | int | None]:
        """What the outcome was found out for: a response that turned up since would be left."""
        task = self.task
        return {
            "status": task.status,
            "generation": task.generation,
            "deletion_requested_at": task.deletion_requested_at,
            "response_id": task.response_id,
        }

    @property
    def tombstone(self) -> Mapping[str, str]:
        """The fields of the tombstone, but for what only the store knows."""
        task = self.task
        fields = {
            "id": task.id,
            "provider": task.provider,
            "owner": task.owner,
            "outcome": self.outcome,
            "response_id": task.response_id,
            "client_request_id": task.client_request_id,
            "requested_at": task.deletion_requested_at,
            "attempts": task.deletion_attempts,
            "cost_unknown": int(self._cost_unknown),
        }
        return {name: str(value) for name, value in fields.items() if value is not None}

    @property
    def booking(self) -> LedgerDelta | None:
        """For the ledger, where it still waited for the task's cost."""
        outcome = outcome_of(self.task.status, self.task.error_code)
        if outcome is None:
            return None
        return LedgerDelta(outcome, cost=0, tasks=0, unpriced=int(self._cost_unknown))

    @property
    def _cost_unknown(self) -> bool:
        return self.outcome is not DeletionOutcome.NEVER_SENT and self.task.cost is None

    @property
    def indexes(self) -> list[str]:
        """Every sorted set that names the task."""
        task = self.task
        parents = {link for link in (task.parent_id, task.retry_of) if link is not None}
        owners = {None, task.owner}
        return [
            *(keys.children(parent) for parent in sorted(parents)),
            *(keys.tasks(owner) for owner in owners),
            *(keys.status(task.status, owner) for owner in owners),
            *(keys.pins(owner) for owner in owners),
        ]
