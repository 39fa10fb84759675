"""What the outcome of a submission means for its task; computed here, carried out elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from services.poller.decisions.error_response import LONGEST_WAIT, pause_for, refusal, wait_asked
from services.poller.results import Lost, Outcome, Reply, TooLarge, Unsent
from shared.domain.states import PauseReason
from shared.openai.response import Response

SHORTEST_WAIT = 1_000
"""Milliseconds; a provider that asks for less would be asked as fast as the network allows."""


@dataclass(frozen=True, slots=True)
class Started:
    """The provider has it under this id."""

    response_id: str
    provider_status: str | None


@dataclass(frozen=True, slots=True)
class SubmitLater:
    """The provider certainly does not have it: send it again in ``after`` milliseconds."""

    after: int
    reason: str


@dataclass(frozen=True, slots=True)
class PauseAll:
    """The provider certainly does not have it, nor would it take any other task."""

    reason: PauseReason
    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will never take this task."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The provider may or may not have it, so nobody may send it again by himself."""

    reason: str


Verdict = Started | SubmitLater | PauseAll | Refused | Unconfirmed


def decide_submission(outcome: Outcome, attempts: int, now: datetime) -> Verdict:
    """Only a failed connection and a clear refusal prove that nothing will be charged."""
    match outcome:
        case Unsent(reason):
            return SubmitLater(back_off(attempts), f"no connection to OpenAI ({reason})")
        case Lost(reason):
            return Unconfirmed(f"The request was sent, but no answer came back ({reason}).")
        case TooLarge(limit):
            return Unconfirmed(f"The answer to the request was longer than {limit} bytes.")
        case Reply():
            return _decide_reply(outcome, attempts, now)


def back_off(attempts: int) -> int:
    """Milliseconds before the next attempt: 2 s, 4 s, 8 s, … up to ten minutes."""
    return min(1000 << min(attempts, 20), LONGEST_WAIT)


def _decide_reply(reply: Reply, attempts: int, now: datetime) -> Verdict:
    status = reply.status
    if HTTPStatus(200) <= status < HTTPStatus(300):
        return _decide_success(reply)
    ambiguous = status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT)
    if ambiguous or not HTTPStatus(400) <= status < HTTPStatus(500):
        return Unconfirmed(
            f"OpenAI answered {status}, which does not say whether it took the task."
        )
    if pause := pause_for(reply):
        return PauseAll(*pause)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = wait_asked(reply.headers, now)
        after = back_off(attempts) if wait is None else max(wait, SHORTEST_WAIT)
        return SubmitLater(after, "OpenAI asked to wait")
    refused = refusal(reply)
    return Refused(refused.code, refused.message)


def _decide_success(reply: Reply) -> Verdict:
    response = Response.parse(reply.body)
    response_id = response.text("id") if response else None
    if response is None or response_id is None:
        return Unconfirmed("OpenAI took the request, but its answer could not be read.")
    return Started(response_id, response.text("status"))
