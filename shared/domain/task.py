"""The task as every service sees it: a typed, frozen reading of its record in the store."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import orjson

from shared.domain.problem import MIN_FAILED, Problem
from shared.domain.states import TERMINAL, PauseReason, Status

SCHEMA = 3
"""The version of the record's fields. Records of another version cannot be read; every process
migrates older ones before it starts (shared/store/migrations.py)."""


def readable(record: Mapping[bytes, bytes]) -> bool:
    """Whether this version can read the record."""
    return record.get(b"schema") == b"%d" % SCHEMA


class RecordUnreadable(ValueError):
    """A record that this version of the program cannot read."""


@dataclass(frozen=True, slots=True)
class Task:
    """One conversation handed in and the one answer it gets.

    Times are milliseconds since the epoch on the store's clock, money is micro-dollars.
    ``idempotency`` names the key of the store that a client's own key stands under.
    ``generation`` fences a stale chain of jobs, ``version`` counts what a reader can see change.
    ``trace`` is where it was accepted (a W3C ``traceparent``), if anybody traces.
    ``messages`` counts the messages of the conversation; records of earlier versions lack it.
    ``input_cost`` is known before it is sent; ``estimated_cost`` counts while no cost is known.
    ``accepted_model`` was active when it was accepted, ``sent_model`` when it was sent;
    ``answered_model`` and ``answered_mode`` (of reasoning) are the response's own words.
    ``account_id`` stands for the key, organization, project and address by which the response was
    last seen.
    ``read_at`` is 0 until its owner reads it, and None for tasks from before there were such marks.
    ``ended_from`` is the state in which we ended it ourselves; None where the provider did.
    ``cancel_missed``: the provider had nothing to cancel. ``problem_code``, ``problem_message`` and
    ``failed_polls`` are those of the attempts since the last usable answer.
    ``metadata`` and ``has_instructions`` are of a task that came through ``/v1/responses``: the
    client's own pairs, and whether the first message is the ``instructions`` of that request.
    ``webhook_endpoint`` gets its events, even if it gets those of named tasks only.
    """

    id: str
    provider: str
    status: Status
    title: str
    seq: int
    created_at: int
    version: int
    generation: int
    polls: int = 0
    attempts: int = 0
    provider_status: str | None = None
    paused: PauseReason | None = None
    submitted_at: int | None = None
    completed_at: int | None = None
    last_polled_at: int | None = None
    next_poll_at: int | None = None
    missing_since: int | None = None
    response_id: str | None = None
    client_request_id: str | None = None
    claim_token: str | None = None
    adopting: str | None = None
    adoption_refused: str | None = None
    ended_from: Status | None = None
    watch_until: int | None = None
    cancel_pending: int | None = None
    cancel_missed: int | None = None
    messages: int | None = None
    parent_id: str | None = None
    retry_of: str | None = None
    owner: str | None = None
    trace: str | None = None
    idempotency: str | None = None
    answer_kind: str | None = None
    accepted_model: str | None = None
    sent_model: str | None = None
    answered_model: str | None = None
    answered_mode: str | None = None
    account_id: str | None = None
    usage: dict[str, Any] | None = None
    cost: int | None = None
    input_cost: int | None = None
    estimated_cost: int | None = None
    reserved: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    deletion_requested_at: int | None = None
    deletion_attempts: int = 0
    deletion_problem: str | None = None
    deletion_acknowledged: int | None = None
    deletion_here_only: int | None = None
    problem_code: str | None = None
    problem_message: str | None = None
    failed_polls: int = 0
    next_attempt_at: int | None = None
    metadata: dict[str, Any] | None = None
    has_instructions: bool = False
    pinned_at: int | None = None
    archived_at: int | None = None
    read_at: int | None = None
    webhook_endpoint: str | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether nothing can change the task's state any more."""
        return self.status in TERMINAL

    @property
    def problem(self) -> Problem | None:
        """What the last attempt to submit or poll it met."""
        if self.problem_code is None:
            return None
        return Problem(self.problem_code, self.problem_message or "")

    @property
    def waits_for_provider(self) -> bool:
        """Whether the provider brings it no further, for which ``problem`` gives the reason."""
        return self.problem is not None and (
            self.status is Status.QUEUED
            or (self.status is Status.IN_PROGRESS and self.failed_polls >= MIN_FAILED)
        )

    @property
    def needs_polling(self) -> bool:
        """Whether the provider is asked about it: in progress, or ended by us and watched."""
        return self.response_id is not None and (
            self.status is Status.IN_PROGRESS or self.watch_until is not None
        )

    @property
    def unread(self) -> bool:
        """Whether it has ended otherwise than by cancelling, and was not read since."""
        if self.read_at is None or self.completed_at is None or self.status is Status.CANCELLED:
            return False
        return self.is_terminal and self.read_at < self.completed_at

    @classmethod
    def from_record(cls, record: Mapping[bytes, bytes]) -> Self:
        """Read a record's hash; fields it does not know are left alone.

        Raises RecordUnreadable for a record of another schema.
        """
        if not readable(record):
            raise RecordUnreadable(f"not a record of schema {SCHEMA}")
        known = [(*_READERS[key], value) for key, value in record.items() if key in _READERS]
        fields = {name: read(value) for name, read, value in known}
        if (paused := record.get(b"paused")) and (detail := record.get(b"pause_detail")):
            fields["paused"] = PauseReason.read(paused.decode(), detail.decode())
        return cls(**fields)


def _text(value: bytes) -> str:
    return value.decode()


_BY_TYPE: dict[object, Any] = {
    int: int,
    int | None: int,
    bool: lambda value: value == b"1",
    Status: lambda value: Status(value.decode()),
    Status | None: lambda value: Status(value.decode()),
    PauseReason | None: lambda value: PauseReason(value.decode()),
    dict[str, Any] | None: orjson.loads,
}

_READERS = {
    field.name.encode(): (field.name, _BY_TYPE.get(field.type, _text)) for field in fields(Task)
}
"""Names in the record: those here, and how the value is read."""
