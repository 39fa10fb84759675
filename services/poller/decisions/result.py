"""Reads the result of a task from its response."""

import orjson

from services.poller.decisions.cost import cost
from shared.domain.changes import TaskResult
from shared.domain.states import Status
from shared.openai.response import Response

_FINAL = {
    "completed": Status.COMPLETED,
    "incomplete": Status.INCOMPLETE,
    "failed": Status.FAILED,
    "cancelled": Status.CANCELLED,
}


def result_of(response: Response) -> TaskResult | None:
    """The result of a finished response, or None. An unknown status is not final."""
    word = response.status or ""
    status = _FINAL.get(word)
    if status is None:
        return None
    code, message = _explain(status, response)
    return TaskResult(
        status,
        code,
        message,
        word,
        response=response.raw,
        answer_kind=response.answer.kind,
        usage=None if response.usage is None else orjson.dumps(response.usage),
        cost=cost(response),
        duration_ms=response.duration_ms,
        model=response.model,
        reasoning_mode=response.reasoning_mode,
    )


def _explain(status: Status, response: Response) -> tuple[str | None, str | None]:
    if status is Status.FAILED:
        code, message = response.error
        return code or "unknown", message or "The provider gave no reason."
    if status is Status.INCOMPLETE:
        reason = response.incomplete_reason or "unknown"
        return reason, f"The answer stops early: {reason}."
    return None, None
