"""Decides what the result of a submission means for its task."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Self

from services.poller.decisions.error_response import (
    MAX_RETRY_AFTER_MS,
    body_form,
    parse_error,
    retry_after_ms,
)
from services.poller.decisions.ownership import names_another_task
from services.poller.decisions.pause import Pause, may_concern_one_task, pause_reason, quote
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.decisions.result import result_of
from services.poller.results import BodyTooLarge, CallResult, ConnectFailed, NoReply, Reply
from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.provider_name import capitalized, provider_name
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.openai.response import Response

_TOO_LARGE = re.compile(r"Limit (\d+), Requested (\d+)", re.ASCII)
"""In the message of a 429: tokens per minute. With others' requests it says ``Used``, too."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The provider has the task, under this id, and may have answered it already.

    ``named``: the metadata of the response names the task.
    """

    response_id: str
    provider_status: str | None
    answer: TaskResult | None = None
    named: bool = False

    @classmethod
    def of(cls, response: Response, response_id: str) -> Self:
        """What a response of this id says."""
        named = response.task_id is not None
        return cls(response_id, response.status, result_of(response), named)


@dataclass(frozen=True, slots=True)
class SubmitLater:
    """The provider does not have the task: send it again after ``after`` milliseconds.

    ``reason`` may quote the task; ``code`` is one word.
    """

    after: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider rejects this task for good."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The provider may have the task, so only a person may have it sent again."""

    reason: str


@dataclass(frozen=True, slots=True)
class UnclearRefusal:
    """The provider does not have the task, and may refuse every task or this one only.

    ``pause`` is for the first case and ``later`` for the second.
    """

    pause: Pause
    later: SubmitLater


Decision = Submitted | SubmitLater | Pause | UnclearRefusal | Refused | Unconfirmed


def decide_submission(result: CallResult, task: Task, now: datetime) -> Decision:
    """Only a failed connection or a clear refusal proves that nothing will be charged."""
    match result:
        case ConnectFailed(reason):
            who = provider_name(task.provider)
            message = f"No connection to {who} ({reason})."
            return SubmitLater(back_off(task.attempts), "connect_failed", message)
        case NoReply(reason):
            return Unconfirmed(f"The request was sent, but no answer came back ({reason}).")
        case BodyTooLarge(limit):
            return Unconfirmed(f"The answer to the request was longer than {limit} bytes.")
        case Reply():
            return _decide_reply(result, task, now)


def with_response_id(task: Task, submitted: Submitted, policy: PollPolicy) -> Change:
    """The change that stores the response id, on a task in whatever state it is now.

    Without metadata only the id says whose response it is, so it must not be another task's.
    """
    return replace(_with_response_id(task, submitted, policy), exclusive=not submitted.named)


def _with_response_id(task: Task, submitted: Submitted, policy: PollPolicy) -> Change:
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


def answered_for_another_task(task: Task) -> Unconfirmed:
    """The reply is the response of another task, of which nothing may be shown."""
    who = capitalized(provider_name(task.provider))
    return Unconfirmed(
        "The answer to the request belongs to another task, so it was not used. A gateway in"
        f" between may have mixed them up. {who} may have this task."
    )


def back_off(attempts: int) -> int:
    """Milliseconds until the next attempt: 2 s, 4 s, 8 s, … up to ten minutes."""
    return min(1000 << min(attempts, 20), MAX_RETRY_AFTER_MS)


def _decide_reply(reply: Reply, task: Task, now: datetime) -> Decision:
    status = reply.status
    if HTTPStatus(200) <= status < HTTPStatus(300):
        return _decide_success(reply, task)
    who = provider_name(task.provider)
    ambiguous = status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT)
    if ambiguous or not HTTPStatus(400) <= status < HTTPStatus(500):
        return Unconfirmed(
            f"{capitalized(who)} answered {status}, which does not say whether it took the task."
        )
    error = parse_error(reply)
    if pause := pause_reason(reply, task.provider):
        if not may_concern_one_task(reply) or pause.reason is not PauseReason.PROVIDER_REFUSES:
            return pause
        message = (
            f"{capitalized(who)}, or a gateway before it, refuses this task ({status}"
            f" {error.code}). {pause.says}"
        )
        return UnclearRefusal(pause, SubmitLater(back_off(task.attempts), error.code, message))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        if _exceeds_limit(error.message):
            return Refused("request_too_large", error.message)
        after = max(retry_after_ms(reply.headers, now) or 0, back_off(task.attempts))
        says = f" {quote(error, who)}" if error.readable else ""
        message = f"{capitalized(who)} asks to wait (429 {error.code}).{says}"
        return SubmitLater(after, error.code, message)
    if error.readable or status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Refused(error.code, error.message)
    # A 4xx other than 408 and 409 says that the request was not carried out. Without OpenAI's words
    # it is the page of a gateway, such as one that is being deployed: no verdict on the task.
    return SubmitLater(
        back_off(task.attempts),
        error.code,
        f"The request was refused with {status} and no reason ({body_form(reply)}), probably by a"
        f" gateway before {who}.",
    )


def _exceeds_limit(message: str) -> bool:
    """Whether the request alone is larger than the limit, so that waiting cannot help."""
    found = _TOO_LARGE.search(message)
    return found is not None and int(found[2]) > int(found[1])


def _decide_success(reply: Reply, task: Task) -> Decision:
    response = Response.parse(reply.body)
    response_id = response.id if response else None
    who = provider_name(task.provider)
    if response is None or response_id is None:
        return Unconfirmed(
            f"The request was answered with {reply.status}, but not with a response of the API"
            f" ({body_form(reply)}). A gateway may have sent that, so {who} may have the task or"
            " not."
        )
    if names_another_task(response, task):
        return answered_for_another_task(task)
    return Submitted.of(response, response_id)
