"""Interprets an error response by its status, body and headers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import orjson

from services.poller.results import Reply

MAX_RETRY_AFTER_MS = 600_000
"""Upper limit of the wait that a provider asks for, and of our own backoff."""

MAX_MESSAGE_CHARS = 2_000
"""The rest of a message is cut: lists of tasks carry it."""

MAX_NESTING = 4
"""Objects in objects in which an error is looked for."""

INCONCLUSIVE = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
)
"""Statuses that concern the caller or the moment, and so say nothing about the response."""

_CODE = re.compile(r"(?!None$|\d+$)[\w.-]{1,100}", re.ASCII)
"""A single word: codes go into the log, and only the message may quote a task. Some gateways
repeat the status as the code, or send Python's ``None``."""

_TYPE = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,40}", re.ASCII)
_SECRET = re.compile(r"\b(?:sk|pk|sess)-[\w*.-]{6,}|\b(?:Bearer|Basic) [\w.~+/=*-]{6,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What an error says of itself; ``code`` and ``message`` name the status where it is silent.

    ``readable`` says that it has words of its own: a gateway's page has none. ``envelope`` says
    that it has the form of OpenAI's errors.
    """

    code: str
    message: str
    type: str | None = None
    readable: bool = True
    envelope: bool = True


def parse_error(reply: Reply) -> ErrorBody:
    """Read code, type and message, each wherever it stands and whatever the others are."""
    try:
        body = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        body = None
    found = _merge(body)
    code, kind = _word(found.get("code")), _word(found.get("type"))
    given = next((found[name] for name in ("message", "msg", "title") if found.get(name)), None)
    message = _SECRET.sub("(a secret)", given[:MAX_MESSAGE_CHARS]) if given else None
    enveloped = isinstance(body, dict) and isinstance(body.get("error"), dict)
    return ErrorBody(
        code or kind or f"http_{reply.status}",
        message or f"The answer has status {reply.status} and names no reason.",
        kind,
        readable=message is not None,
        envelope=enveloped and message is not None and bool(found.get("code") or found.get("type")),
    )


def refused_for_good(reply: Reply) -> bool:
    """Whether OpenAI itself refuses the call, for a reason that concerns the response."""
    refused = HTTPStatus(400) <= reply.status < HTTPStatus(500)
    return refused and reply.status not in INCONCLUSIVE and parse_error(reply).readable


def is_not_found(reply: Reply, response_id: str | None) -> bool:
    """Whether the provider says that it has no such response: it names it, or has OpenAI's form.

    Any other 404 may be that of a gateway or of a wrong address, which quotes the id as part of it.
    """
    if reply.status != HTTPStatus.NOT_FOUND:
        return False
    error = parse_error(reply)
    if response_id and f"/{response_id}" in error.message:
        return False
    named = bool(response_id) and str(response_id) in error.message
    return named or (error.envelope and error.code != "model_not_found")


def body_form(reply: Reply) -> str:
    """What a body without words of its own is: ``text/html, 153 bytes``."""
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    return f"{kind if _TYPE.fullmatch(kind) else 'no content type'}, {len(reply.body)} bytes"


def retry_after_ms(headers: Mapping[str, str], now: datetime) -> int | None:
    """The wait that ``retry-after-ms`` or ``retry-after`` (seconds or a date) asks for, limited."""
    wait = _milliseconds(headers, now)
    return None if wait is None else min(max(wait, 0), MAX_RETRY_AFTER_MS)


def _merge(value: object) -> dict[str, str]:
    """The texts of an error and of what is wrapped around it; the innermost one counts."""
    found: dict[str, str] = {}
    for _ in range(MAX_NESTING):
        match value:
            case [first, *_]:
                value = first
            case str():
                return found | {"message": value}
            case dict():
                found |= {name: text for name, text in value.items() if isinstance(text, str)}
                inner = [value.get(name) for name in ("error", "detail")]
                value = next((each for each in inner if isinstance(each, str | list | dict)), None)
            case _:
                break
    return found


def _word(code: str | None) -> str | None:
    return code if code and _CODE.fullmatch(code) else None


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
