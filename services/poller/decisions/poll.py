"""Decides what the result of a poll means for its task."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from services.poller.decisions.error_response import is_not_found, retry_after_ms
from services.poller.decisions.ownership import own_response, seen_elsewhere
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.decisions.result import result_of
from services.poller.results import BodyTooLarge, CallResult, Reply
from shared.domain.changes import TaskResult
from shared.domain.problem import Problem
from shared.domain.provider_name import capitalized, provider_name
from shared.domain.states import Status
from shared.domain.task import Task

NOT_FOUND_CODE = "response_not_found"

NOT_FOUND = (
    "no longer has this response: it was deleted or has expired, or the key belongs to another"
    " project."
)

ALL_MISSING = Problem(
    "all_missing",
    "The provider knows none of the responses in progress, so none of their tasks is ended. Does"
    " OPENAI_API_KEY belong to another project than before? Set the key of the project that has"
    " them.",
)

OTHER_ACCOUNT = Problem(
    "other_account",
    "The response is not found under the present OPENAI_API_KEY, organization, project or"
    " OPENAI_BASE_URL. It was last seen under another one, so the task is not ended. Set that one,"
    " or a key of the same project; or cancel the task.",
)

UNREACHABLE_GRACE_MS = 24 * 3600 * 1000
"""Time past the deadline for which polling goes on while the provider is unreachable."""


@dataclass(frozen=True, slots=True)
class PollAgain:
    """Not finished: poll again after ``after`` milliseconds."""

    after: int
    provider_status: str | None
    missing_since: int | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """The response is final."""

    ending: TaskResult


@dataclass(frozen=True, slots=True)
class GiveUp:
    """End the task here, and keep polling for a late result and its cost."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class CancelAtProvider:
    """The deadline has passed: cancel the response, then decide by decide_cancel."""


Decision = PollAgain | Finish | GiveUp | CancelAtProvider


def decide_poll(result: CallResult, task: Task, now: int, policy: PollPolicy) -> Decision:
    """Decide on a running task. ``now`` is the time of Redis in milliseconds."""
    age = now - (task.submitted_at or task.created_at)
    match result:
        case BodyTooLarge(limit):
            message = f"The response is longer than {limit // 2**20} MiB and was not kept."
            return Finish(TaskResult(Status.FAILED, "answer_too_large", message))
        case _ if response := own_response(result, task):
            if ending := result_of(response):
                return Finish(ending)
            if age > policy.deadline_ms:
                return CancelAtProvider()
            return PollAgain(policy.interval_ms, response.status)
        case Reply() if is_not_found(result, task.response_id):
            since = task.missing_since or now
            if now - since >= policy.missing_grace_ms:
                who = capitalized(provider_name(task.provider))
                return GiveUp(NOT_FOUND_CODE, f"{who} {NOT_FOUND}")
            return PollAgain(policy.interval_ms, task.provider_status, missing_since=since)
        case _:
            if age > policy.deadline_ms + UNREACHABLE_GRACE_MS:
                return _named(task, _deadline_exceeded(task, policy))
            return _unreachable(result, task, now, policy)


def all_missing(task: Task, sample: Sequence[Task]) -> bool:
    """Whether the provider knows none of the responses sent before this one went missing.

    Then they are hidden rather than gone. ``sample`` are tasks in progress.
    """
    since = task.missing_since or 0
    earlier = [peer for peer in sample if peer.id != task.id and (peer.submitted_at or 0) < since]
    found = any(
        peer.missing_since is None and peer.problem is None and (peer.last_polled_at or 0) > since
        for peer in earlier
    )
    return not found and any(peer.missing_since for peer in earlier)


def decide_cancel(result: CallResult, task: Task, policy: PollPolicy) -> Finish | GiveUp:
    """Decide on the result of a cancel at the deadline. A response that just finished is kept."""
    response = own_response(result, task)
    ending = result_of(response) if response else None
    if ending and ending.status is not Status.CANCELLED:
        return Finish(ending)
    return _deadline_exceeded(task, policy)


def decide_after_cancel(
    result: CallResult, task: Task, now: int, policy: PollPolicy, account_id: str
) -> PollAgain | Finish:
    """Decide on a task that was ended here: its cost and a late result are still open.

    OpenAI has completed responses that it had reported as cancelled, so that status must settle.
    ``account_id`` is that by which it was polled.
    """
    decision = _decide_after_cancel(result, task, now, policy, account_id)
    over = now > (task.watch_until or 0)
    return Finish(TaskResult(task.status)) if over and isinstance(decision, PollAgain) else decision


def _decide_after_cancel(
    result: CallResult, task: Task, now: int, policy: PollPolicy, account_id: str
) -> PollAgain | Finish:
    match result:
        case BodyTooLarge():
            return Finish(TaskResult(task.status))
        case _ if response := own_response(result, task):
            ending = result_of(response)
            settled = now - (task.completed_at or now) > policy.cancel_settle_ms
            if ending and (ending.status is not Status.CANCELLED or settled):
                return Finish(ending)
            return PollAgain(policy.interval_ms, response.status)
        case Reply() if is_not_found(result, task.response_id):
            if task.missing_since and not seen_elsewhere(task, account_id):
                return Finish(TaskResult(task.status))
            return PollAgain(policy.interval_ms, task.provider_status, missing_since=now)
        case _:
            return _unreachable(result, task, now, policy)


def _named(task: Task, end: GiveUp) -> GiveUp:
    """The end with the reason for which the latest polls were not answered."""
    if task.problem is None:
        return end
    polls = f"Its latest {task.failed_polls} polls got no usable answer."
    return GiveUp(end.code, f"{end.message} {polls} {task.problem.message}")


def _deadline_exceeded(task: Task, policy: PollPolicy) -> GiveUp:
    hours = policy.deadline_ms / 3_600_000
    who = capitalized(provider_name(task.provider))
    message = f"{who} did not finish within {hours:g} hours, so the task was given up."
    return GiveUp("deadline_exceeded", message)


def _unreachable(result: CallResult, task: Task, now: int, policy: PollPolicy) -> PollAgain:
    asked = None
    if isinstance(result, Reply) and result.status == HTTPStatus.TOO_MANY_REQUESTS:
        asked = retry_after_ms(result.headers, datetime.fromtimestamp(now / 1000).astimezone())
    after = max(asked or 0, policy.interval_ms)
    return PollAgain(after, task.provider_status, task.missing_since)
