"""What an attempt to delete a task at the provider means; computed here, carried out elsewhere."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from services.poller.decisions.error_response import (
    cancel_acknowledged,
    is_not_found,
    parse_error,
    retry_after_ms,
)
from services.poller.decisions.submission import back_off
from services.poller.results import BodyTooLarge, CallResult, ConnectFailed, NoReply, Reply
from shared.domain import tombstone
from shared.domain.changes import SENDER_GRACE_MS
from shared.domain.states import Status
from shared.domain.task import Task

STILL_SENDING = "It was being sent when it was ended, so its response may still become known."
STILL_THERE = "OpenAI was asked to delete the response and still shows it."


@dataclass(frozen=True, slots=True)
class Remove:
    """The provider's side is settled: nothing need be kept here any more."""

    outcome: tombstone.DeletionOutcome


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Something is, or may be, at the provider still: try again in ``after`` milliseconds."""

    after: int
    problem: str


Decision = Remove | TryAgain


def decide_without_id(task: Task, now: int) -> Decision:
    """What can be done about a task whose response is not known; ``now`` is the store's time."""
    match task.ended_from:
        case Status.SUBMITTING if (age := now - (task.completed_at or now)) < SENDER_GRACE_MS:
            return TryAgain(min(SENDER_GRACE_MS - age, SENDER_GRACE_MS), STILL_SENDING)
        case Status.SUBMITTING | Status.UNCONFIRMED:
            return Remove(tombstone.DeletionOutcome.UNKNOWN)
        case _:
            return Remove(tombstone.DeletionOutcome.NEVER_SENT)


def decide_cancel(outcome: CallResult, task: Task, now: int) -> TryAgain | None:
    """What came of a cancel; None where the provider has heard it."""
    return None if cancel_acknowledged(outcome) else _again(outcome, task, now)


def decide_deletion(outcome: CallResult, task: Task, now: int) -> Decision:
    """What came of a DELETE; a removal is to be verified."""
    match outcome:
        case Reply(status=status) if HTTPStatus(200) <= status < HTTPStatus(300):
            return Remove(tombstone.DeletionOutcome.DELETED)
        case Reply() if is_not_found(outcome):
            return Remove(tombstone.DeletionOutcome.ALREADY_GONE)
        case _:
            return _again(outcome, task, now)


def decide_verification(outcome: CallResult, removal: Remove, task: Task, now: int) -> Decision:
    """What a GET after the DELETE says: only OpenAI's own 404 confirms it."""
    match outcome:
        case Reply() if is_not_found(outcome):
            return removal
        case Reply(status=200) | BodyTooLarge():
            return TryAgain(back_off(task.deletion_attempts + 1), STILL_THERE)
        case _:
            return _again(outcome, task, now)


def _again(outcome: CallResult, task: Task, now: int) -> TryAgain:
    after = back_off(task.deletion_attempts + 1)
    match outcome:
        case ConnectFailed(reason) | NoReply(reason):
            return TryAgain(after, f"OpenAI does not answer ({reason}).")
        case BodyTooLarge(limit):
            return TryAgain(after, f"OpenAI's answer was longer than {limit} bytes.")
        case Reply():
            asked = retry_after_ms(outcome.headers, datetime.fromtimestamp(now / 1000, UTC)) or 0
            said = parse_error(outcome)
            detail = f": {said.message}" if said.readable else "."
            return TryAgain(max(asked, after), f"OpenAI answered {outcome.status}{detail}")
