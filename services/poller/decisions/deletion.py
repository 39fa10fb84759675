"""Decides what an attempt to delete a task at the provider means."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus

from services.poller.decisions.error_response import (
    is_not_found,
    parse_error,
    retry_after_ms,
)
from services.poller.decisions.ownership import (
    belongs_to_another_task,
    cancel_acknowledged,
    may_be_ended,
    own_response,
    reply_problem,
    seen_elsewhere,
)
from services.poller.decisions.result import result_of
from services.poller.decisions.submission import back_off
from services.poller.results import BodyTooLarge, CallResult, ConnectFailed, NoReply, Reply
from shared.domain import tombstone
from shared.domain.changes import SENDER_GRACE_MS
from shared.domain.provider_name import capitalized, provider_name
from shared.domain.states import Status
from shared.domain.task import Task
from shared.openai.response import Response

STILL_SENDING = "The task ended while it was being sent, so its response id may still arrive."
NOT_ABOUT_TASK = "The answer is not about the response of this task."
STILL_THERE = "The response can still be read after its deletion."


@dataclass(frozen=True, slots=True)
class Remove:
    """The provider's side is settled: delete the record here.

    ``acknowledged``: the provider said that it deleted the response.
    """

    outcome: tombstone.DeletionOutcome
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The provider may still have the response: try again after ``after`` milliseconds.

    ``acknowledged``: it said that it deleted the response, but still shows it or does not answer.
    ``problem`` may quote OpenAI and is for the task's owner; ``reason`` is one word for the log.
    """

    after: int
    problem: str
    reason: str
    acknowledged: bool = False


Decision = Remove | TryAgain


def decide_without_id(task: Task, now: int) -> Decision:
    """Decide on a task without a response id. ``now`` is the time of Redis in milliseconds."""
    match task.ended_from:
        case Status.SUBMITTING if (age := now - (task.completed_at or now)) < SENDER_GRACE_MS:
            wait = min(SENDER_GRACE_MS - age, SENDER_GRACE_MS)
            return TryAgain(wait, STILL_SENDING, "being_sent")
        case Status.SUBMITTING | Status.UNCONFIRMED:
            return Remove(tombstone.DeletionOutcome.UNKNOWN)
        case _:
            return Remove(tombstone.DeletionOutcome.NEVER_SENT)


def decide_before_deletion(outcome: CallResult, task: Task, now: int) -> Decision | None:
    """Decide on the result of the first GET. None: cancel and delete the response."""
    if belongs_to_another_task(outcome, task):
        return Remove(tombstone.DeletionOutcome.UNKNOWN)
    if _is_missing(outcome):
        deleted = Remove(tombstone.DeletionOutcome.DELETED)
        return deleted if task.deletion_acknowledged else None
    return None if may_be_ended(outcome, task) else _again(outcome, task, now)


def needs_cancel(outcome: CallResult, task: Task) -> bool:
    """Whether the response may still run after this result of the first GET."""
    response = own_response(outcome, task)
    return bool(task.cancel_pending) and not (response and result_of(response))


def decide_cancel(outcome: CallResult, task: Task, now: int) -> TryAgain | None:
    """Decide on the result of a cancel. None: the provider processed it."""
    return None if cancel_acknowledged(outcome, task) else _again(outcome, task, now)


def decide_deletion(outcome: CallResult, task: Task, now: int, account_id: str) -> Decision:
    """Decide on the result of a DELETE by this account. A Remove needs decide_verification."""
    match outcome:
        case Reply(status=status) if HTTPStatus(200) <= status < HTTPStatus(300):
            return Remove(tombstone.DeletionOutcome.DELETED, _says_deleted(outcome))
        case Reply() if is_not_found(outcome, task.response_id):
            hidden = seen_elsewhere(task, account_id)
            gone = tombstone.DeletionOutcome.ALREADY_GONE
            return Remove(tombstone.DeletionOutcome.UNKNOWN if hidden else gone)
        case _:
            return _again(outcome, task, now)


def decide_verification(outcome: CallResult, removal: Remove, task: Task, now: int) -> Decision:
    """Decide on the result of a GET after the DELETE.

    The provider's own 404 confirms the deletion; after its word that it deleted the response any
    404 does.
    """
    match outcome:
        case Reply() if is_not_found(outcome, task.response_id):
            return removal
        case Reply() if _is_missing(outcome) and removal.acknowledged:
            return removal
        case _ if own_response(outcome, task) or isinstance(outcome, BodyTooLarge):
            return TryAgain(back_off(task.deletion_attempts + 1), STILL_THERE, "still_there")
        case _:
            return replace(_again(outcome, task, now), acknowledged=removal.acknowledged)


def _is_missing(outcome: CallResult) -> bool:
    return isinstance(outcome, Reply) and outcome.status == HTTPStatus.NOT_FOUND


def _says_deleted(reply: Reply) -> bool:
    """Whether the reply says so in words: a page with status 200 does not."""
    body = Response.parse(reply.body)
    said = body is not None and body.body.get("deleted") is True
    return said or reply.status == HTTPStatus.NO_CONTENT


def _again(outcome: CallResult, task: Task, now: int) -> TryAgain:
    after, who = back_off(task.deletion_attempts + 1), capitalized(provider_name(task.provider))
    match outcome:
        case ConnectFailed(reason) | NoReply(reason):
            problem = f"{who} does not answer ({reason})."
        case BodyTooLarge(limit):
            problem = f"The answer was longer than {limit} bytes."
        case Reply(status=HTTPStatus.OK):
            problem = NOT_ABOUT_TASK
        case Reply():
            asked = retry_after_ms(outcome.headers, datetime.fromtimestamp(now / 1000, UTC)) or 0
            after = max(asked, after)
            error = parse_error(outcome)
            detail = f": {error.message}" if error.readable else "."
            problem = f"{who} answered {outcome.status}{detail}"
    return TryAgain(after, problem, reply_problem(outcome, task) or "unreadable")
