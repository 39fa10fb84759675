"""What the API answers with, as typed values: tasks, pages, threads and events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, NotRequired, Self, TypedDict

ENDED = frozenset({"completed", "incomplete", "failed", "cancelled"})


class Part(TypedDict):
    """A part of a message: ``input_text`` from the user, ``output_text`` from the model."""

    type: Literal["input_text", "output_text"]
    text: str


class Message(TypedDict):
    """One message of a conversation. A plain string stands for one part."""

    role: Literal["developer", "user", "assistant"]
    content: str | list[Part]
    type: NotRequired[Literal["message"]]


def message_text(message: Message) -> str:
    """Return the text of a message, its parts joined."""
    content = message["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


class Citation(TypedDict):
    """A web source. The indexes count code points of ``output_text``; None: no place in it."""

    url: str
    title: str
    start_index: int | None
    end_index: int | None


class TaskError(TypedDict):
    """Why a task has no answer, or an incomplete one."""

    code: str
    message: str


class TaskFilter(TypedDict, total=False):
    """Which tasks a list contains.

    ``search`` looks in title, prompt and answer. Tasks were created at ``after`` or later and
    before ``before``: a datetime, or RFC 3339 text, in which a date alone is its 00:00 UTC.
    """

    status: str | None
    search: str | None
    after: datetime | str | None
    before: datetime | str | None


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task. ``body`` is its whole JSON, with fields that this version does not know.

    ``input``, ``output_text`` and ``citations`` are None in lists, threads and events. ``replayed``
    says that an earlier call with the same idempotency key created the task.
    """

    id: str
    status: str
    provider: str
    title: str
    created_at: datetime
    submitted_at: datetime | None = None
    completed_at: datetime | None = None
    last_polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    provider_status: str | None = None
    paused: str | None = None
    waiting: dict[str, Any] | None = None
    response_id: str | None = None
    client_request_id: str | None = None
    adopting: str | None = None
    adoption_refused: str | None = None
    parent_id: str | None = None
    retry_of: str | None = None
    model: str | None = None
    model_note: str | None = None
    answer_kind: str | None = None
    usage: dict[str, Any] | None = None
    cost_usd: float | None = None
    estimated_cost_usd: float | None = None
    error: TaskError | None = None
    receipt: dict[str, Any] | None = None
    deletion: dict[str, Any] | None = None
    polls: int = 0
    pinned: bool = False
    archived: bool = False
    unread: bool = False
    version: int = 0
    input: list[Message] | None = field(default=None, repr=False)
    output_text: str | None = field(default=None, repr=False)
    citations: list[Citation] | None = field(default=None, repr=False)
    body: dict[str, Any] = field(repr=False)
    replayed: bool = False

    @classmethod
    def from_json(cls, body: object, *, replayed: bool = False) -> Self:
        """Parse a task's JSON. Raises TypeError or ValueError if it is invalid."""
        document = as_mapping(body)
        known = {key: document[key] for key in _WIRE_FIELDS if key in document}
        for name in ("id", "status", "provider", "title"):
            if not isinstance(known.get(name), str):
                raise TypeError(f"a task without {name}")
        known |= {key: _timestamp(value) for key, value in known.items() if key.endswith("_at")}
        if known.get("created_at") is None:
            raise TypeError("a task without created_at")
        return cls(**known, body=document, replayed=replayed)

    @property
    def ended(self) -> bool:
        """Whether the status is terminal."""
        return self.status in ENDED

    @property
    def settled(self) -> bool:
        """Whether it has ended, or is unconfirmed and needs a decision: waiting is pointless."""
        return self.ended or (self.status == "unconfirmed" and self.adopting is None)

    def follow_up_input(self, question: str) -> list[Message]:
        """Return the input of a follow-up: the conversation, its answer and the new question."""
        if self.input is None or not (self.output_text or "").strip():
            raise ValueError(f"{self.id} is {self.status} and has no answer to continue from.")
        answer = Message(role="assistant", content=self.output_text or "")
        return [*self.input, answer, Message(role="user", content=question)]


_WIRE_FIELDS = frozenset(each.name for each in fields(Task)) - {"body", "replayed"}


@dataclass(frozen=True)
class Page:
    """A page of tasks, newest first; ``next_cursor`` is None on the last one."""

    data: list[Task]
    next_cursor: str | None


@dataclass(frozen=True)
class Thread:
    """All tasks that continue or retry one another, oldest first."""

    root: str
    data: list[Task]
    truncated: bool


@dataclass(frozen=True)
class Percentiles:
    """Half of the tasks stay below ``p50``, nine of ten below ``p90``."""

    p50: float
    p90: float


@dataclass(frozen=True)
class Estimate:
    """What the next task may take and cost; None where too few tasks tell.

    ``reserved_usd`` is what the budgets keep free for it, also without a history. ``message`` is a
    sentence.
    """

    duration_s: Percentiles | None
    cost_usd: Percentiles | None
    reserved_usd: float | None
    model: str | None
    message: str
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Preset:
    """Saved instructions: a developer message under a name."""

    id: str
    name: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Me:
    """The owner of the token that is sent; ``id`` and ``name`` are None if none is needed."""

    id: str | None
    name: str | None
    admin: bool


@dataclass(frozen=True)
class SpendingRow:
    """What the tasks of one owner that ended in one way cost on one day (UTC).

    Of ``unpriced`` tasks nobody knows the cost: the budgets count ``estimated_usd`` for them, which
    is no part of ``cost_usd``. ``wasted_usd`` is the part that bought no complete answer.
    """

    date: str
    owner: str | None
    outcome: str
    tasks: int
    cost_usd: float
    wasted_usd: float
    unpriced: int
    estimated_usd: float


@dataclass(frozen=True)
class Spending:
    """What was spent from ``since`` to ``until``, both included; all days are UTC.

    ``reserved_usd`` is what tasks under way are expected to cost. It is in no row.
    """

    provider: str
    since: str
    until: str
    rows: list[SpendingRow]
    reserved_usd: float
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Event:
    """A server-sent event.

    ``kind`` is ``task`` (see ``task``), ``deleted``, ``hello`` (connected; no later event is
    missed) or ``resync`` (events were missed: read again what you cached). ``id`` is the position
    to resume from: store it together with what you made of the event.
    """

    kind: str
    id: str | None
    data: dict[str, Any]
    task: Task | None = None


def parse_page(body: object) -> Page:
    """Parse a page. Raises TypeError, ValueError or KeyError if it is invalid."""
    page = as_mapping(body)
    return Page([Task.from_json(each) for each in page["data"]], page["next_cursor"])


def parse_thread(body: object) -> Thread:
    """Parse a thread. Raises like ``parse_page``."""
    thread = as_mapping(body)
    tasks = [Task.from_json(each) for each in thread["data"]]
    return Thread(thread["root"], tasks, thread["truncated"])


def parse_estimate(body: object) -> Estimate:
    """Parse an estimate. Raises like ``parse_page``."""
    document = as_mapping(body)
    found = (document["duration_s"], document["cost_usd"])
    duration, cost = (each and Percentiles(each["p50"], each["p90"]) for each in found)
    reserved, model = document.get("reserved_usd"), document.get("model")
    return Estimate(duration, cost, reserved, model, str(document["message"]), document)


def parse_preset(body: object) -> Preset:
    """Parse saved instructions. Raises like ``parse_page``."""
    preset = as_mapping(body)
    return Preset(preset["id"], preset["name"], preset["text"])


def parse_me(body: object) -> Me:
    """Parse the owner of a token. Raises like ``parse_page``."""
    me = as_mapping(body)
    return Me(me["id"], me["name"], me["admin"])


def parse_spending(body: object) -> Spending:
    """Parse a spending report. Raises like ``parse_page``."""
    document = as_mapping(body)
    names = [each.name for each in fields(SpendingRow) if each.name != "date"]
    rows = [
        SpendingRow(date=day["date"], **{name: outcome[name] for name in names})
        for day in document["days"]
        for outcome in day["outcomes"]
    ]
    today = document["today"]
    scopes = [today["installation"]] if today["installation"] else today["owners"]
    reserved = sum(scope["reserved_usd"] for scope in scopes)
    provider, since, until = (str(document[name]) for name in ("provider", "since", "until"))
    return Spending(provider, since, until, rows, reserved, document)


def parse_event(received: Mapping[str, str]) -> Event:
    """Parse the fields of a server-sent event. Raises like ``parse_page``."""
    if "data" not in received:  # a heartbeat moves the resume position
        return Event("heartbeat", received.get("id"), {})
    kind, data = received.get("event", "message"), as_mapping(json.loads(received["data"]))
    task = Task.from_json(data) if kind == "task" else None
    return Event(kind, received.get("id"), data, task)


def as_mapping(value: object) -> dict[str, Any]:
    """Return the JSON object. Raises TypeError if it is something else."""
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _timestamp(value: str | None) -> datetime | None:
    if value is None:
        return None
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise ValueError("a time without an offset")
    return parsed
