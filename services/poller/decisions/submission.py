"""Decides what the result of a submission means for its task."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Self

from services.poller.decisions.error_response import (
    MAX_RETRY_AFTER_MS,
    parse_error,
    pause_reason,
    retry_after_ms,
)
from services.poller.decisions.ownership import names_another_task
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.decisions.result import result_of
from services.poller.results import BodyTooLarge, CallResult, ConnectFailed, NoReply, Reply
from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.openai.response import Response

MIN_RETRY_MS = 1_000
"""Lower limit of the wait that a provider asks for."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The provider has the task, under this id, and may have answered it already."""

    response_id: str
    provider_status: str | None
    answer: TaskResult | None = None

    @classmethod
    def of(cls, response: Response, response_id: str) -> Self:
        """What a response of this id says."""
        return cls(response_id, response.status, result_of(response))


@dataclass(frozen=True, slots=True)
class SubmitLater:
    """The provider does not have the task: send it again after ``after`` milliseconds."""

    after: int
    reason: str


@dataclass(frozen=True, slots=True)
class PauseSubmissions:
    """The provider does not have the task and would accept no other either."""

    reason: PauseReason
    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider rejects this task for good."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The provider may have the task, so only a person may have it sent again."""

    reason: str


Decision = Submitted | SubmitLater | PauseSubmissions | Refused | Unconfirmed


def decide_submission(result: CallResult, task: Task, now: datetime) -> Decision:
    """Only a failed connection or a clear refusal proves that nothing will be charged."""
    match result:
        case ConnectFailed(reason):
            return SubmitLater(back_off(task.attempts), f"no connection to OpenAI ({reason})")
        case NoReply(reason):
            return Unconfirmed(f"The request was sent, but no answer came back ({reason}).")
        case BodyTooLarge(limit):
            return Unconfirmed(f"The answer to the request was longer than {limit} bytes.")
        case Reply():
            return _decide_reply(result, task, now)


def with_response_id(task: Task, submitted: Submitted, policy: PollPolicy) -> Change:
    """The change that stores the response id, on a task in whatever state it is now."""
    response_id, answer = submitted.response_id, submitted.answer
    if task.is_terminal:
        # A response that is reported as cancelled may complete, so it is watched.
        kept = None if answer and answer.status is Status.CANCELLED else answer
        return changes.attach_response_id(task, response_id, policy.stale_after_ms, kept)
    if answer:
        return changes.finish(task, answer, polled=False, response_id=response_id)
    return changes.mark_in_progress(
        task,
        response_id,
        submitted.provider_status,
        policy.interval_ms,
        policy.stale_after_ms,
    )


def back_off(attempts: int) -> int:
    """Milliseconds until the next attempt: 2 s, 4 s, 8 s, … up to ten minutes."""
    return min(1000 << min(attempts, 20), MAX_RETRY_AFTER_MS)


def _decide_reply(reply: Reply, task: Task, now: datetime) -> Decision:
    status = reply.status
    if HTTPStatus(200) <= status < HTTPStatus(300):
        return _decide_success(reply, task)
    ambiguous = status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT)
    if ambiguous or not HTTPStatus(400) <= status < HTTPStatus(500):
        return Unconfirmed(
            f"OpenAI answered {status}, which does not say whether it took the task."
        )
    if pause := pause_reason(reply):
        return PauseSubmissions(*pause)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = retry_after_ms(reply.headers, now)
        after = back_off(task.attempts) if wait is None else max(wait, MIN_RETRY_MS)
        return SubmitLater(after, "OpenAI asked to wait")
    refused = parse_error(reply)
    return Refused(refused.code, refused.message)


def _decide_success(reply: Reply, task: Task) -> Decision:
    response = Response.parse(reply.body)
    response_id = response.id if response else None
    if response is None or response_id is None:
        return Unconfirmed("OpenAI took the request, but its answer could not be read.")
    if names_another_task(response, task):
        return Unconfirmed(
            "OpenAI's answer to the request belongs to another task, so it was not used. A gateway"
            " in between may have mixed them up. OpenAI may have this task."
        )
    return Submitted.of(response, response_id)
