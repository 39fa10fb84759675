"""What can be made to go wrong: each kind of fault, and what it does to a reply."""

from collections.abc import Callable
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.simulator import errors
from services.simulator.delivery import Delivery, Reply
from services.simulator.errors import ApiError
from services.simulator.request import MODEL

Operation = Literal["create", "retrieve", "cancel", "delete", "input_items", "model", "webhook"]


class Switch(BaseModel):
    """An order to spoil the next `times` calls of an operation; `times` null: until cleared."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    operation: Operation
    times: int | None = Field(1, ge=1)
    seconds: float = Field(30, ge=0, le=3600)
    status: int = Field(500, ge=400, le=599)
    retry_after: float | None = Field(None, ge=0)
    retry_after_ms: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _exists(self) -> Self:
        kinds = ["duplicate"] if self.operation == "webhook" else [*INSTEAD, *AFTERWARDS]
        if self.kind not in kinds:
            raise ValueError(f"kind must be one of {', '.join(kinds)}")
        return self


def _refuse(error: ApiError) -> Delivery:
    return Delivery(Reply.refusing(error))


def _rate_limit(switch: Switch) -> Delivery:
    waits = {"retry-after": switch.retry_after, "retry-after-ms": switch.retry_after_ms}
    headers = {name: f"{wait:g}" for name, wait in waits.items() if wait is not None}
    refused = Reply.refusing(errors.rate_limited())
    return Delivery(Reply(refused.status, refused.body, headers))


INSTEAD: dict[str, Callable[[Switch, str], Delivery]] = {
    "drop": lambda _, __: Delivery(None),
    "hang": lambda switch, _: Delivery(None, wait=switch.seconds),
    "error": lambda switch, _: _refuse(errors.server_error(switch.status)),
    "rate_limited": lambda switch, _: _rate_limit(switch),
    "quota": lambda _, __: _refuse(errors.out_of_quota()),
    "bad_key": lambda _, __: _refuse(errors.invalid_key()),
    "forbidden": lambda _, __: _refuse(errors.forbidden()),
    "model_retired": lambda _, __: _refuse(errors.model_not_found(MODEL)),
    "not_found": lambda _, subject: _refuse(errors.response_not_found(subject)),
}
AFTERWARDS: dict[str, Callable[[Switch, Reply], Delivery]] = {
    "accept_then_drop": lambda _, __: Delivery(None),
    "accept_then_hang": lambda switch, reply: Delivery(reply, wait=switch.seconds),
    "accept_then_error": lambda switch, _: _refuse(errors.server_error(switch.status)),
    "broken_json": lambda _, reply: Delivery(Reply(200, reply.body[: len(reply.body) // 2])),
    "truncated_body": lambda _, reply: Delivery(reply, cut=True),
    "slow_body": lambda switch, reply: Delivery(reply, spread=switch.seconds),
}


def deliver(switch: Switch | None, subject: str, carry_out: Callable[[], Reply]) -> Delivery:
    """What to send for one call about `subject`; a fault may act instead of `carry_out`."""
    if switch is None:
        return Delivery(carry_out())
    if switch.kind in INSTEAD:
        return INSTEAD[switch.kind](switch, subject)
    return AFTERWARDS[switch.kind](switch, carry_out())
