"""An account at the provider that counts what it is asked to pay for, and answers as it is told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.poller.results import CallResult, ConnectFailed, NoReply, Reply

RUNNING = "in_progress"

NO_USAGE: dict[str, Any] = {}
USAGES = [
    {"input_tokens": 1, "output_tokens": 1},
    {"input_tokens": 0, "output_tokens": 0},
    {"input_tokens": -1, "output_tokens": 5},
    {"input_tokens": 1, "output_tokens": 10**9},
    {"input_tokens": 1, "output_tokens": 2**62},
    NO_USAGE,
]

Meet = Callable[[str], Awaitable[str]]
"""Waits at a call of this kind, and says how it fares."""


def refused(status: int, code: str) -> Reply:
    return Reply(status, orjson.dumps({"error": {"code": code, "message": "No."}}), {})


REFUSALS = {
    "429": refused(429, "rate_limit_exceeded"),
    "401": refused(401, "invalid_api_key"),
    "400": refused(400, "invalid_request"),
    "403": refused(403, "blocked_by_policy"),
}
UNANSWERED: dict[str, CallResult] = {
    "lost": NoReply("ReadTimeout"),
    "500": refused(500, "server_error"),
    "unreadable": Reply(200, b"<html>", {}),
}
UNKNOWN = refused(404, "not_found")

FATES = {
    "create": ["answered", *REFUSALS, *UNANSWERED, "unsent", "never arrived"],
    "retrieve": ["answered", *UNANSWERED, "429", "401"],
    "cancel": ["answered", *UNANSWERED, "429", "401", "never arrived"],
    "delete": ["answered", *UNANSWERED, "429", "401", "never arrived"],
    "model": ["answered", "lost", "401", "403"],
}


@dataclass
class Account:
    """Responses by id, and the ids that each task was given: each of them is paid for."""

    responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    paid: dict[str, list[str]] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    recalled: set[str] = field(default_factory=set)
    """Forgotten for a time, in which a deletion was told that they are gone."""
    deleted: set[str] = field(default_factory=set)

    def end(self, response_id: str, status: str, usage: Any = USAGES[0]) -> None:
        """What runs there ends."""
        response = self.responses[response_id]
        if response["status"] == RUNNING:
            response |= {"status": status, "usage": usage or None}

    def recover(self) -> None:
        """It remembers everything again, and much of it ends.

        So does all that was forgotten: a 404 to a cancel is taken for an answer.
        """
        for response_id in {*list(self.responses)[::2], *self.forgotten}:
            self.end(response_id, "completed")
        self.recalled |= self.forgotten
        self.forgotten.clear()

    def accept(self, task_id: str) -> str:
        response_id = f"resp_{len(self.responses) + 1}"
        metadata = {"task_id": task_id}
        self.responses[response_id] = {"id": response_id, "status": RUNNING, "metadata": metadata}
        self.paid.setdefault(task_id, []).append(response_id)
        return response_id

    def show(self, response_id: str) -> CallResult:
        gone = self.forgotten | self.deleted
        if response_id in gone or response_id not in self.responses:
            return UNKNOWN
        return Reply(200, orjson.dumps(self.responses[response_id]), {})


@dataclass(frozen=True)
class Line:
    """One worker's line to the account."""

    account: Account
    meet: Meet
    told: set[str]
    account_id: str = "0001"

    async def create(self, conversation: Any, task_id: str, client_request_id: str) -> CallResult:  # noqa: ARG002 -- the provider's own
        fate = await self.meet("create")
        if fate in REFUSALS:
            return REFUSALS[fate]
        if fate == "unsent":
            return ConnectFailed("ConnectError")
        if fate == "never arrived":
            return NoReply("ReadTimeout")
        response_id = self.account.accept(task_id)
        if fate in UNANSWERED:
            return UNANSWERED[fate]
        self.told.add(response_id)
        return self.account.show(response_id)

    async def retrieve(self, response_id: str) -> CallResult:
        fate = await self.meet("retrieve")
        return (REFUSALS | UNANSWERED).get(fate) or self.account.show(response_id)

    async def retrieve_model(self) -> CallResult:
        fate = await self.meet("model")
        return (REFUSALS | UNANSWERED).get(fate) or Reply(200, b"{}", {})

    async def cancel(self, response_id: str) -> CallResult:
        fate = await self.meet("cancel")
        if fate in REFUSALS:
            return REFUSALS[fate]
        if fate == "never arrived":
            return NoReply("ConnectTimeout")
        shown = self.account.show(response_id)
        if shown is not UNKNOWN:
            self.account.end(response_id, "cancelled", NO_USAGE)
            shown = self.account.show(response_id)
        return UNANSWERED.get(fate) or shown

    async def delete(self, response_id: str) -> CallResult:
        fate = await self.meet("delete")
        if fate in REFUSALS:
            return REFUSALS[fate]
        if fate == "never arrived":
            return NoReply("ConnectTimeout")
        shown = self.account.show(response_id)
        if shown is not UNKNOWN:
            self.account.deleted.add(response_id)
        return UNANSWERED.get(fate) or shown
