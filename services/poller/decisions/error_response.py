"""Interprets an error response by its status, body and headers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import orjson

from services.poller.results import Reply
from shared.domain.states import PauseReason
from shared.openai.model import ACTIVE

MAX_RETRY_AFTER_MS = 600_000
"""Upper limit of the wait that a provider asks for, and of our own backoff."""

MAX_MESSAGE_CHARS = 2_000
"""The rest of a message is cut: lists of tasks carry it."""

INCONCLUSIVE = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
)
"""Statuses that concern the caller or the moment, and so say nothing about the response."""

_CODE = re.compile(r"[\w.-]{1,100}", re.ASCII)
"""A single word: codes go into the log, and only the message may quote a task."""


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The code and message of an error; ``readable`` is False if the body is not OpenAI's."""

    code: str
    message: str
    readable: bool = True


def parse_error(reply: Reply) -> ErrorBody:
    """Read the error body. An unreadable one is named by its status."""
    fallback = ErrorBody(f"http_{reply.status}", f"OpenAI answered {reply.status}.", readable=False)
    try:
        error = orjson.loads(reply.body)["error"]
        code, message = error["code"] or error["type"], error["message"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return fallback
    if not (isinstance(code, str) and isinstance(message, str)):
        return fallback
    named = code if _CODE.fullmatch(code) else fallback.code
    return ErrorBody(named, message[:MAX_MESSAGE_CHARS])


def pause_reason(reply: Reply) -> tuple[PauseReason, str] | None:
    """Why no task at all can be submitted, with advice, or None if only this one is refused."""
    code = parse_error(reply).code
    if code == "model_not_found":
        return PauseReason.MODEL_RETIRED, (
            f"OpenAI no longer offers {ACTIVE.name}. "
            "Change ACTIVE in shared/openai/model.py and restart all processes (docs/model.md)."
        )
    if reply.status in (401, 403):
        return PauseReason.BAD_KEY, (
            f"OpenAI refuses the API key ({reply.status} {code}). "
            "Set a valid OPENAI_API_KEY and restart the pollers."
        )
    if code in ("insufficient_quota", "billing_hard_limit_reached"):
        return PauseReason.QUOTA, (
            "The OpenAI account has no quota left. "
            "Add credit or raise its limit; submission then resumes."
        )
    return None


def refused_for_good(reply: Reply) -> bool:
    """Whether OpenAI itself refuses the call, for a reason that concerns the response."""
    refused = HTTPStatus(400) <= reply.status < HTTPStatus(500)
    return refused and reply.status not in INCONCLUSIVE and parse_error(reply).readable


def is_not_found(reply: Reply) -> bool:
    """Whether OpenAI says so. The 404 of a proxy or a wrong address has no readable body."""
    return reply.status == HTTPStatus.NOT_FOUND and parse_error(reply).readable


def retry_after_ms(headers: Mapping[str, str], now: datetime) -> int | None:
    """The wait that ``retry-after-ms`` or ``retry-after`` (seconds or a date) asks for, limited."""
    wait = _milliseconds(headers, now)
    return None if wait is None else min(max(wait, 0), MAX_RETRY_AFTER_MS)


def _milliseconds(headers: Mapping[str, str], now: datetime) -> int | None:
    for name, factor in (("retry-after-ms", 1), ("retry-after", 1000)):
        try:
            return int(float(headers[name]) * factor)
        except (KeyError, ValueError, OverflowError):
            continue
    try:
        return int((parsedate_to_datetime(headers["retry-after"]) - now).total_seconds() * 1000)
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
