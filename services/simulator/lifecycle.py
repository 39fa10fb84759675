"""Computes a response's status from what is stored and the time. Pure."""

from dataclasses import dataclass

from services.simulator.scripts import Script

TERMINAL = frozenset({"completed", "failed", "cancelled", "incomplete"})


@dataclass(frozen=True)
class StatusChange:
    """From ``at`` (Unix seconds) on, the response has this status."""

    at: float
    status: str


def timeline(created_at: float, script: Script, cancelled_at: float | None) -> list[StatusChange]:
    """Return every past and future status in order; the first is ``queued``."""
    started_at = created_at + script.queued_seconds
    changes = [StatusChange(created_at, "queued"), StatusChange(started_at, script.working)]
    if script.ending:
        changes.append(StatusChange(started_at + script.run_seconds, script.ending))
    if cancelled_at is None or _status(changes, cancelled_at) in TERMINAL:
        return changes
    before = [change for change in changes if change.at <= cancelled_at]
    late = [change for change in changes[len(before) :] if change.status in TERMINAL]
    cancelled = StatusChange(cancelled_at, "cancelled")
    return [*before, cancelled, *(late if script.outlives_cancel else [])]


def status_at(changes: list[StatusChange], now: float) -> str:
    """Return the status at ``now``; ``queued`` if the clock was set back before the creation."""
    return _status(changes, max(now, changes[0].at))


def final_changes(changes: list[StatusChange]) -> list[StatusChange]:
    """Return the changes to a terminal status: those that webhooks report."""
    return [change for change in changes if change.status in TERMINAL]


def _status(changes: list[StatusChange], now: float) -> str:
    return next(change.status for change in reversed(changes) if change.at <= now)
