"""Whether a task that is waited for goes as usual, and whether it is the task or the provider."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from services.api.estimates.estimate import NO_ESTIMATE, PercentilesOut
from services.api.http.durations import format_duration
from services.api.schemas.task import WaitingOut
from shared.domain.estimate import Percentiles, Sample, estimate
from shared.domain.provider_name import provider_name
from shared.domain.spending import INSTALLATION
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.presentation.serializers import format_timestamp, waiting
from shared.store import Today

Pace = Literal["usual", "slow", "stuck", "unknown"]
Scope = Literal["task", "provider"]

STUCK_FACTOR = 3
"""How many times as long as nine of ten tasks take is not just slow any more."""

MIN_LATE_PEERS = 2
"""Other tasks that must be late too before it is said of the provider."""

SUBMIT_GRACE_MS = 60_000
"""Milliseconds in which a task that waits for nothing is sent."""

OVERDUE_MS = 120_000
"""Milliseconds by which a poll may be late before the progress says so."""

PROVIDER_RETENTION_MS = 10 * 60_000
"""Milliseconds after its end for which a response may be kept in some projects."""


class RiskOut(BaseModel):
    """Why an answer may be lost at the provider."""

    since: str = Field(description="When it should have been looked at.")
    message: str


class ProgressOut(BaseModel):
    """How a task stands compared with those before it."""

    pace: Pace = Field(description="`unknown`: too few tasks have ended to compare with.")
    scope: Scope | None = Field(
        description="What is slow or stuck: this task, or the provider as a whole. null: neither,"
        " or it cannot be told."
    )
    elapsed_s: float = Field(description="Since it was sent; before that, since it was accepted.")
    usual: PercentilesOut | None = Field(
        description="Seconds from being sent until the answer is there."
    )
    tasks: int = Field(description="On how many tasks that rests.")
    checked_at: str | None = Field(description="When the provider was asked last.")
    next_check_at: str | None
    waiting: WaitingOut | None = Field(
        description="Why the provider brings it no further, as in the task."
    )
    at_risk: RiskOut | None = Field(description="Set while its polls are overdue by minutes.")
    message: str = Field(description="The same for people, in a sentence or two.")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a task is compared with; ``running`` holds when other tasks were sent.

    ``expected_cost`` is the task's own, in micro-dollars.
    """

    samples: Sequence[Sample]
    running: Mapping[str, int]
    today: Today
    expected_cost: int

    @property
    def now(self) -> int:
        """The store's time in ms."""
        return self.today.now


@dataclass(frozen=True, slots=True)
class Assessment:
    """The part of an assessment that is judged."""

    pace: Pace
    scope: Scope | None
    message: str


def assess_progress(task: Task, baseline: Baseline) -> ProgressOut:
    """How the task stands now."""
    usual = estimate(baseline.samples).duration
    assessment = _ASSESSMENTS.get(task.status, _ended)(task, baseline)
    waits = waiting(task)
    return ProgressOut(
        pace=assessment.pace,
        scope=assessment.scope,
        elapsed_s=_elapsed(task, baseline.now) / 1_000,
        usual=PercentilesOut.of(usual, 1_000),
        tasks=len(baseline.samples),
        checked_at=format_timestamp(task.last_polled_at),
        next_check_at=format_timestamp(task.next_poll_at),
        waiting=WaitingOut(**waits) if waits else None,
        at_risk=_risk(task, baseline.now),
        message=assessment.message,
    )


def _queued(task: Task, baseline: Baseline) -> Assessment:
    match task.paused:
        case PauseReason.BUDGET:
            return Assessment("usual", None, _waits_for_budget(task, baseline))
        case PauseReason.NO_TOKEN:
            return Assessment(
                "stuck", "task", f"Nothing has been sent yet: {_PAUSES[task.paused]}."
            )
        case PauseReason():
            return Assessment(
                "stuck",
                "provider",
                f"Nothing has been sent yet: {_PAUSES[task.paused]}.{_problem(task, baseline)}",
            )
        case None if task.problem:
            return Assessment("slow", None, f"Nothing has been sent yet.{_problem(task, baseline)}")
        case None if baseline.now - task.created_at < SUBMIT_GRACE_MS:
            return Assessment("usual", None, "It is about to be sent.")
        case None:
            return Assessment("slow", None, "It still waits to be sent.")


def _submitting(_: Task, __: Baseline) -> Assessment:
    return Assessment("usual", None, "It is being sent now.")


def _unconfirmed(task: Task, _: Baseline) -> Assessment:
    if task.adopting:
        return Assessment(
            "slow" if task.problem else "usual",
            None,
            f"It is being checked whether {task.adopting} is its response."
            + (f" {task.problem.message} It is tried again." if task.problem else ""),
        )
    return Assessment(
        "stuck",
        "task",
        f"Nobody knows whether {provider_name(task.provider)} has it, so it waits for your word:"
        " adopt its response, retry or abandon it.",
    )


def _in_progress(task: Task, baseline: Baseline) -> Assessment:
    usual = estimate(baseline.samples).duration
    elapsed = _elapsed(task, baseline.now)
    running = f"It has run for {format_duration(elapsed)}"
    if task.waits_for_provider:
        lost = f"its latest {task.failed_polls} polls got no usable answer"
        return Assessment("slow", None, f"{running}; {lost}.{_problem(task, baseline)}")
    if usual is None:
        return Assessment("unknown", None, f"{running}. {NO_ESTIMATE}")
    if elapsed <= usual.p90:
        half, most = format_duration(usual.p50), format_duration(usual.p90)
        known = f"half of the latest {len(baseline.samples)} tasks took up to {half}"
        return Assessment("usual", None, f"{running}; {known}, nine of ten up to {most}.")
    scope, why = _attribute_delay(task, baseline, usual)
    if elapsed <= STUCK_FACTOR * usual.p90:
        longer = f"longer than nine of ten tasks ({format_duration(usual.p90)})"
        return Assessment("slow", scope, f"{running}, {longer}; it may still end well. {why}")
    most = format_duration(usual.p90)
    longer = f"more than {STUCK_FACTOR} times as long as nine of ten tasks ({most})"
    advice = "You can go on waiting, until it is given up at the deadline, or cancel it."
    return Assessment("stuck", scope, f"{running}, {longer}. {why} {advice}")


def _ended(task: Task, baseline: Baseline) -> Assessment:
    return Assessment(
        "usual", None, f"It has ended after {format_duration(_elapsed(task, baseline.now))}."
    )


_ASSESSMENTS: dict[Status, Callable[[Task, Baseline], Assessment]] = {
    Status.QUEUED: _queued,
    Status.SUBMITTING: _submitting,
    Status.UNCONFIRMED: _unconfirmed,
    Status.IN_PROGRESS: _in_progress,
}

_PAUSES = {
    PauseReason.BAD_KEY: "the key of this installation is refused",
    PauseReason.QUOTA: "the account has no quota left",
    PauseReason.MODEL_RETIRED: "the model is no longer offered",
    PauseReason.PROVIDER_REFUSES: "the provider, or a gateway before it, refuses every task",
    PauseReason.NO_TOKEN: "its owner has no valid token, so it waits for one",
}


def _problem(task: Task, baseline: Baseline) -> str:
    """What the latest attempt met, and when the next one follows."""
    if task.problem is None:
        return ""
    at = task.next_attempt_at if task.status is Status.QUEUED else task.next_poll_at
    wait = max((at or 0) - baseline.now, 0)
    again = f"in {format_duration(wait)}" if wait else "now"
    return f" {task.problem.message} It is tried again {again}."


def _attribute_delay(
    task: Task, baseline: Baseline, usual: Percentiles
) -> tuple[Scope | None, str]:
    """Whether others are late as well, or have overtaken it."""
    sent_at, who = task.submitted_at or task.created_at, provider_name(task.provider)
    others = [sent for task_id, sent in baseline.running.items() if task_id != task.id]
    late = sum(baseline.now - sent > usual.p90 for sent in others)
    overtaken = sum(sample.sent_at > sent_at for sample in baseline.samples)
    if late >= MIN_LATE_PEERS and late > overtaken:
        return (
            "provider",
            f"{late} other tasks are late too, so {who} as a whole is slow.",
        )
    if overtaken:
        return "task", "Tasks that were sent after it have ended, so it is this one alone."
    return (
        None,
        f"Whether it is this task or {who} as a whole cannot be told yet.",
    )


def _waits_for_budget(task: Task, baseline: Baseline) -> str:
    expected = baseline.expected_cost
    budgets = [
        baseline.today.of(scope).budget for scope in (INSTALLATION, task.owner or INSTALLATION)
    ]
    if any(budget is not None and budget < expected for budget in budgets):
        return (
            "Nothing has been sent yet: a whole day's budget is less than this task is expected to"
            " cost, so it waits until the budget is raised."
        )
    return (
        "Nothing has been sent yet: what is left of today's budget is kept for tasks under way."
        " It is sent as soon as one of them leaves enough of it, or in the new day, which begins in"
        f" {format_duration(baseline.today.ends_in)} (midnight UTC)."
    )


def _elapsed(task: Task, now: int) -> int:
    end = task.completed_at if task.is_terminal and task.completed_at else now
    return max(end - (task.submitted_at or task.created_at), 0)


def _risk(task: Task, now: int) -> RiskOut | None:
    """An answer is lost at the provider if it ended there, and nobody looks in time."""
    if not task.needs_polling or task.next_poll_at is None or now - task.next_poll_at < OVERDUE_MS:
        return None
    seen = task.last_polled_at or task.submitted_at or task.created_at
    late = f"It should have been looked at {format_duration(now - task.next_poll_at)} ago"
    who = provider_name(task.provider)
    keeping = f"in some projects {who} keeps an answer for only 10 minutes after its end"
    gone = " If it ended soon after the last look, its answer may be gone." * (
        now - seen > PROVIDER_RETENTION_MS
    )
    return RiskOut(
        since=format_timestamp(task.next_poll_at) or "", message=f"{late}; {keeping}.{gone}"
    )
