"""What the outcome of a poll means for its task; computed here, carried out elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import orjson

from services.poller.cost import cost
from services.poller.outcomes import Outcome, Reply, TooLarge
from services.poller.refusals import refusal, wait_asked
from shared.changes import Ending
from shared.response import Response
from shared.states import Status
from shared.task import Task

NOT_FOUND = "OpenAI no longer knows this response; it may have been deleted or expired."

BLIND_GRACE = 24 * 3600 * 1000
"""Milliseconds past the deadline for which a provider that cannot be asked is asked on."""


NOT_HEARD = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
)
"""Refusals of the one who asks, or for now; what was asked has not been looked at."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How a task in progress is watched, in milliseconds.

    ``late`` is when a poll that was not noted counts as lost: longer than a poll may take, unless
    polls are so frequent that a second one does no harm.
    """

    poll_interval: int
    deadline: int

    @property
    def late(self) -> int:
        """Between 8 and 25 seconds, half the interval in between."""
        return min(max(self.poll_interval // 2, 8_000), 25_000)

    @property
    def settle(self) -> int:
        """How long after its end a response that was cancelled may still turn out completed."""
        return 15 * self.poll_interval

    @property
    def missing_grace(self) -> int:
        """How long a response may be unknown at the provider: 404s in mid-run have been seen."""
        return 2 * self.poll_interval


@dataclass(frozen=True, slots=True)
class PollAgain:
    """Not yet: ask again in ``after`` milliseconds."""

    after: int
    provider_status: str | None
    missing_since: int | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """The provider's last word."""

    ending: Ending


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Our own last word; what the provider makes of it is watched."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class CancelThere:
    """The deadline has passed: stop it at the provider, then end it here."""


Verdict = PollAgain | Finish | GiveUp | CancelThere

_ENDINGS = {
    "completed": Status.COMPLETED,
    "incomplete": Status.INCOMPLETE,
    "failed": Status.FAILED,
    "cancelled": Status.CANCELLED,
}


def decide_poll(outcome: Outcome, task: Task, now: int, timing: Timing) -> Verdict:
    """``now`` is the store's time in milliseconds. A word nobody knows is no end."""
    age = now - (task.submitted_at or task.created_at)
    match outcome:
        case TooLarge(limit):
            message = f"The response is longer than {limit // 2**20} MiB and was not kept."
            return Finish(Ending(Status.FAILED, "answer_too_large", message))
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
    over = now > (task.watched or 0)
    return Finish(Ending(task.status)) if over and isinstance(verdict, PollAgain) else verdict


def _decide_watch(outcome: Outcome, task: Task, now: int, timing: Timing) -> PollAgain | Finish:
    match outcome:
        case TooLarge():
            return Finish(Ending(task.status))
        case Reply(status=200) if response := _ours(outcome, task):
            word = response.text("status")
            ending = ending_of(response, outcome.body)
            settled = now - (task.completed_at or now) > timing.settle
            if ending and (ending.status is not Status.CANCELLED or settled):
                return Finish(ending)
            return PollAgain(timing.poll_interval, word)
        case Reply() if missing(outcome) and task.missing_since:
            return Finish(Ending(task.status))
        case Reply() if missing(outcome):
            return PollAgain(timing.poll_interval, task.provider_status, missing_since=now)
        case _:
            return _blind(outcome, task, now, timing)


def stopped(outcome: Outcome) -> bool:
    """Whether the provider has heard that a response is to stop; its refusal is an answer too."""
    if not isinstance(outcome, Reply):
        return False
    refused = 400 <= outcome.status < 500 and outcome.status not in NOT_HEARD  # noqa: PLR2004 -- HTTP
    return outcome.status == HTTPStatus.OK or (refused and refusal(outcome).readable)


def missing(reply: Reply) -> bool:
    """Only OpenAI's own 404 counts: that of a proxy or a wrong address says nothing."""
    return reply.status == HTTPStatus.NOT_FOUND and refusal(reply).readable


def ending_of(response: Response, body: bytes) -> Ending | None:
    """How the provider says the task ended, or None while it has not."""
    word = response.text("status") or ""
    status = _ENDINGS.get(word)
    if status is None:
        return None
    code, message = _explain(status, response)
    return Ending(
        status,
        code,
        message,
        word,
        response=body,
        usage=_usage(response),
        cost=cost(response),
        took=response.took,
    )


def _deadline_exceeded(timing: Timing) -> GiveUp:
    hours = timing.deadline / 3_600_000
    message = f"OpenAI did not finish within {hours:g} hours, so the task was given up."
    return GiveUp("deadline_exceeded", message)


def _ours(reply: Reply, task: Task) -> Response | None:
    response = Response.parse(reply.body)
    return response if response and response.text("id") == task.response_id else None


def _explain(status: Status, response: Response) -> tuple[str | None, str | None]:
    if status is Status.FAILED:
        code, message = response.error
        return code or "unknown", message or "OpenAI gave no reason."
    if status is Status.INCOMPLETE:
        reason = response.incomplete_reason or "unknown"
        return reason, f"The answer stops early: {reason}."
    return None, None


def _usage(response: Response) -> bytes | None:
    try:
        return None if response.usage is None else orjson.dumps(response.usage)
    except orjson.JSONEncodeError:  # orjson reads deeper nesting than it writes
        return None


def _blind(outcome: Outcome, task: Task, now: int, timing: Timing) -> PollAgain:
    asked = None
    if isinstance(outcome, Reply) and outcome.status == HTTPStatus.TOO_MANY_REQUESTS:
        asked = wait_asked(outcome.headers, datetime.fromtimestamp(now / 1000).astimezone())
    after = max(asked or 0, timing.poll_interval)
    return PollAgain(after, task.provider_status, task.missing_since)
