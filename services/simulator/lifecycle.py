"""What a response's status is at any moment: a pure function of what is stored and the clock."""

from dataclasses import dataclass

from services.simulator.outcomes import Outcome

TERMINAL = frozenset({"completed", "failed", "cancelled", "incomplete"})


@dataclass(frozen=True)
class Moment:
    """From `at` (Unix seconds) on, the response has this status."""

    at: float
    status: str


def timeline(created_at: float, outcome: Outcome, cancelled_at: float | None) -> list[Moment]:
    """Every status the response has had or will have, in order; the first is `queued`."""
    started = created_at + outcome.queued_seconds
    moments = [Moment(created_at, "queued"), Moment(started, outcome.working)]
    if outcome.ending:
        moments.append(Moment(started + outcome.run_seconds, outcome.ending))
    if cancelled_at is None or _status(moments, cancelled_at) in TERMINAL:
        return moments
    before = [moment for moment in moments if moment.at <= cancelled_at]
    late = [moment for moment in moments[len(before) :] if moment.status in TERMINAL]
    cancelled = Moment(cancelled_at, "cancelled")
    return [*before, cancelled, *(late if outcome.outlives_cancel else [])]


def status_at(moments: list[Moment], now: float) -> str:
    """The status at `now`; `queued` too for a clock that was set back before the creation."""
    return _status(moments, max(now, moments[0].at))


def endings(moments: list[Moment]) -> list[Moment]:
    """The moments that a webhook reports."""
    return [moment for moment in moments if moment.status in TERMINAL]


def _status(moments: list[Moment], now: float) -> str:
    return next(moment.status for moment in reversed(moments) if moment.at <= now)
