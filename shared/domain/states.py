"""The states of a task and the only changes between them (drawn in docs/architecture.md)."""

from enum import StrEnum


class Status(StrEnum):
    """Where a task stands; the words are the same in Redis, JSON and the page."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    UNCONFIRMED = "unconfirmed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PauseReason(StrEnum):
    """Why a queued task waits although a worker is free."""

    BAD_KEY = "bad_key"
    QUOTA = "quota"
    MODEL_RETIRED = "model_retired"
    PROVIDER_REFUSES = "provider_refuses"
    BUDGET = "budget"
    NO_TOKEN = "no_token"  # noqa: S105 -- a reason, not a secret

    @property
    def stored(self) -> "PauseReason":
        """The word for the field that every version reads: 3.0 stops at one it does not know."""
        return PauseReason.BAD_KEY if self is PauseReason.PROVIDER_REFUSES else self

    @property
    def detail(self) -> "PauseReason | None":
        """The word for a field of its own where ``stored`` is another one."""
        return None if self is self.stored else self

    @classmethod
    def read(cls, stored: str, detail: str | None) -> "PauseReason":
        """The reason in two such fields. A detail that another version left behind is ignored."""
        exact = (each for each in cls if (each.stored, each.detail) == (stored, detail))
        return next(exact, cls(stored))


_ENDS = frozenset({Status.COMPLETED, Status.INCOMPLETE, Status.FAILED, Status.CANCELLED})

TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset(
        {Status.SUBMITTING, Status.UNCONFIRMED, Status.FAILED, Status.CANCELLED}
    ),
    Status.SUBMITTING: _ENDS | {Status.QUEUED, Status.IN_PROGRESS, Status.UNCONFIRMED},
    Status.UNCONFIRMED: _ENDS | {Status.IN_PROGRESS},
    Status.IN_PROGRESS: _ENDS,
    **{end: frozenset() for end in _ENDS},
}
"""From each state, the states it may be left for."""

UPDATABLE = frozenset(Status) - {Status.SUBMITTING}
"""The states in which something may be noted: another wait, a poll, after the end a late answer.
A claim is never renewed."""

TERMINAL = frozenset(status for status, nexts in TRANSITIONS.items() if not nexts)
OPEN = frozenset(Status) - TERMINAL


def can_transition(before: Status, after: Status) -> bool:
    """Whether a task in ``before`` may be written as ``after``."""
    return after in TRANSITIONS[before] or (before is after and before in UPDATABLE)
