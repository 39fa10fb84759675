"""What the outcome of a poll means for its task; computed here, carried out elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from services.poller.decisions.error_response import missing, wait_asked
from services.poller.decisions.poll_policy import Timing
from services.poller.decisions.result import ending_of
from services.poller.results import Outcome, Reply, TooLarge
from shared.domain.changes import TaskResult
from shared.domain.states import Status
from shared.domain.task import Task
from shared.openai.response import Response

NOT_FOUND = "OpenAI no longer knows this response; it may have been deleted or expired."

BLIND_GRACE = 24 * 3600 * 1000
"""Milliseconds past the deadline for which a provider that cannot be asked is asked on."""


@dataclass(frozen=True, slots=True)
class PollAgain:
    """Not yet: ask again in ``after`` milliseconds."""

    after: int
    provider_status: str | None
    missing_since: int | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """The provider's last word."""

    ending: TaskResult


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Our own last word; what the provider makes of it is watched."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class CancelThere:
    """The deadline has passed: stop it at the provider, then end it here."""


Verdict = PollAgain | Finish | GiveUp | CancelThere


def decide_poll(outcome: Outcome, task: Task, now: int, timing: Timing) -> Verdict:
    """``now`` is the store's time in milliseconds. A word nobody knows is no end."""
    age = now - (task.submitted_at or task.created_at)
    match outcome:
        case TooLarge(limit):
            message = f"The response is longer than {limit // 2**20} MiB and was not kept."
            return Finish(TaskResult(Status.FAILED, "answer_too_large", message))
        case Reply(status=200) if response := _ours(outcome, task):
            if ending := ending_of(response, outcome.body):
                return Finish(ending)
            word = response.text("status")
            return CancelThere() if age > timing.deadline else PollAgain(timing.poll_interval, word)
        case Reply() if missing(outcome):
            since = task.missing_since or now
            if now - since >= timing.missing_grace:
                return GiveUp("response_not_found", NOT_FOUND)
            return PollAgain(timing.poll_interval, task.provider_status, missing_since=since)
        case _:
            if age > timing.deadline + BLIND_GRACE:
                return _deadline_exceeded(timing)
            return _blind(outcome, task, now, timing)


def decide_cancel(outcome: Outcome, task: Task, timing: Timing) -> Finish | GiveUp:
    """What a cancel at the deadline came to: keep what the provider finished just in time."""
    match outcome:
        case Reply(status=200) if response := _ours(outcome, task):
            ending = ending_of(response, outcome.body)
            if ending is not None and ending.status is not Status.CANCELLED:
                return Finish(ending)
    return _deadline_exceeded(timing)


def decide_watch(outcome: Outcome, task: Task, now: int, timing: Timing) -> PollAgain | Finish:
    """What a poll of a task means that we ended ourselves: only its cost is still open.

    A response that was cancelled has been seen to complete, so that word is not taken at once.
    """
    verdict = _decide_watch(outcome, task, now, timing)
    over = now > (task.watch_until or 0)
    return Finish(TaskResult(task.status)) if over and isinstance(verdict, PollAgain) else verdict


def _decide_watch(outcome: Outcome, task: Task, now: int, timing: Timing) -> PollAgain | Finish:
    match outcome:
        case TooLarge():
            return Finish(TaskResult(task.status))
        case Reply(status=200) if response := _ours(outcome, task):
            word = response.text("status")
            ending = ending_of(response, outcome.body)
            settled = now - (task.completed_at or now) > timing.settle
            if ending and (ending.status is not Status.CANCELLED or settled):
                return Finish(ending)
            return PollAgain(timing.poll_interval, word)
        case Reply() if missing(outcome) and task.missing_since:
            return Finish(TaskResult(task.status))
        case Reply() if missing(outcome):
            return PollAgain(timing.poll_interval, task.provider_status, missing_since=now)
        case _:
            return _blind(outcome, task, now, timing)


def _deadline_exceeded(timing: Timing) -> GiveUp:
    hours = timing.deadline / 3_600_000
    message = f"OpenAI did not finish within {hours:g} hours, so the task was given up."
    return GiveUp("deadline_exceeded", message)


def _ours(reply: Reply, task: Task) -> Response | None:
    response = Response.parse(reply.body)
    return response if response and response.text("id") == task.response_id else None


def _blind(outcome: Outcome, task: Task, now: int, timing: Timing) -> PollAgain:
    asked = None
    if isinstance(outcome, Reply) and outcome.status == HTTPStatus.TOO_MANY_REQUESTS:
        asked = wait_asked(outcome.headers, datetime.fromtimestamp(now / 1000).astimezone())
    after = max(asked or 0, timing.poll_interval)
    return PollAgain(after, task.provider_status, task.missing_since)
