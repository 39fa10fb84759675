"""The kinds of faults that tests can inject, and what each does to a reply."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from services.simulator import errors
from services.simulator.delivery import Delivery, Reply
from services.simulator.errors import ApiError

Operation = Literal["create", "retrieve", "cancel", "delete", "input_items", "model", "webhook"]


class Fault(BaseModel):
    """A fault for the next ``times`` calls of an operation, or for all until it is cleared."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    operation: Operation
    times: int | None = Field(1, ge=1)
    seconds: float = Field(30, ge=0, le=3600)
    status: int = Field(500, ge=200, le=599)
    retry_after: float | None = Field(None, ge=0)
    retry_after_ms: int | None = Field(None, ge=0)
    body: dict[str, JsonValue] | None = None
    text: str | None = None

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        kinds = ["duplicate"] if self.operation == "webhook" else [*BEFORE, *AFTER]
        if self.kind not in kinds:
            raise ValueError(f"kind must be one of {', '.join(kinds)}")
        if self.status < HTTPStatus.BAD_REQUEST and self.kind != "reply":
            raise ValueError("status must be 400 or more for this kind")
        return self


def _refuse(error: ApiError) -> Delivery:
    return Delivery(Reply.error(error))


def _reply(fault: Fault) -> Delivery:
    if fault.text is None:
        return Delivery(Reply(fault.status, orjson.dumps(fault.body)))
    return Delivery(Reply(fault.status, fault.text.encode(), {"content-type": "text/html"}))


def _rate_limit(fault: Fault) -> Delivery:
    waits = {"retry-after": fault.retry_after, "retry-after-ms": fault.retry_after_ms}
    headers = {name: f"{wait:g}" for name, wait in waits.items() if wait is not None}
    refused = Reply.error(errors.RATE_LIMITED)
    return Delivery(Reply(refused.status, refused.body, headers))


BEFORE: dict[str, Callable[[Fault, str], Delivery]] = {
    "drop": lambda _, __: Delivery(None),
    "hang": lambda fault, _: Delivery(None, wait=fault.seconds),
    "error": lambda fault, _: _refuse(errors.server_error(fault.status)),
    "rate_limited": lambda fault, _: _rate_limit(fault),
    "quota": lambda _, __: _refuse(errors.OUT_OF_QUOTA),
    "bad_key": lambda _, __: _refuse(errors.INVALID_KEY),
    "forbidden": lambda _, __: _refuse(errors.FORBIDDEN),
    "model_retired": lambda _, __: _refuse(errors.model_not_found("that was named")),
    "reply": lambda fault, _: _reply(fault),
    "not_found": lambda _, subject: _refuse(errors.response_not_found(subject)),
}
AFTER: dict[str, Callable[[Fault, Reply], Delivery]] = {
    "accept_then_drop": lambda _, __: Delivery(None),
    "accept_then_hang": lambda fault, reply: Delivery(reply, wait=fault.seconds),
    "accept_then_error": lambda fault, _: _refuse(errors.server_error(fault.status)),
    "broken_json": lambda _, reply: Delivery(Reply(200, reply.body[: len(reply.body) // 2])),
    "truncated_body": lambda _, reply: Delivery(reply, cut=True),
    "another_body": lambda fault, _: Delivery(Reply.ok(fault.body)),
    "slow_body": lambda fault, reply: Delivery(reply, spread=fault.seconds),
}


def deliver(fault: Fault | None, subject: str, carry_out: Callable[[], Reply]) -> Delivery:
    """Return what to send for a call; a fault may replace ``carry_out`` or spoil its reply."""
    if fault is None:
        return Delivery(carry_out())
    if fault.kind in BEFORE:
        return BEFORE[fault.kind](fault, subject)
    return AFTER[fault.kind](fault, carry_out())
