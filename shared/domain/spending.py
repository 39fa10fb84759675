"""What money was spent on: under which outcome a task's cost is booked, and what was wasted."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.states import TERMINAL, Status

INSTALLATION = "*"
"""Stands for the whole installation where an owner's name could stand; no name looks like it."""


class TaskOutcome(StrEnum):
    """How a task ended, as far as money goes: two ways of failing are a person's own decision."""

    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    SUPERSEDED = "superseded"

    @property
    def wasted(self) -> bool:
        """Whether what it cost bought no whole answer."""
        return self is not TaskOutcome.COMPLETED


def outcome_of(status: Status, error_code: str | None) -> TaskOutcome | None:
    """Where a task's cost is booked; None for a task that has not ended."""
    if status not in TERMINAL:
        return None
    if error_code in (TaskOutcome.ABANDONED, TaskOutcome.SUPERSEDED):
        return TaskOutcome(error_code)
    return TaskOutcome(status.value)


@dataclass(frozen=True, slots=True)
class LedgerDelta:
    """What a change adds to the ledger: micro-dollars, tasks that ended, and tasks without a price.

    The last are those that were, or may have been, at the provider, and nobody knows their cost:
    what was reserved for them counts instead, until they are ``priced``.
    """

    outcome: TaskOutcome
    cost: int
    tasks: int
    unpriced: int
    priced: bool = False
