"""The Backburner API for Python programs, in one file on httpx.

A call is retried while the server is unavailable. All tries of a POST carry one Idempotency-Key, so
a network failure never makes a second task.
"""

import json
import math
import os
import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NotRequired, Self, TypedDict, TypeVar, Unpack
from urllib.parse import quote

import httpx

DEFAULT_URL = "http://127.0.0.1:8000"
ENDED = frozenset({"completed", "incomplete", "failed", "cancelled"})

_RETRYABLE_STATUSES = frozenset({408, 502, 503, 504})
_CONTROL_EVENTS = frozenset({"heartbeat", "shutdown"})
_PARSE_ERRORS = (ValueError, TypeError, KeyError, RecursionError)
_PROBLEM = "urn:backburner:problem:"
_T = TypeVar("_T")
_TIMEOUT = httpx.Timeout(10.0, read=30.0)
_MAX_WAIT_S = 30
_MIN_WAIT_S = 5
_STREAM_READ_TIMEOUT_S = 45.0
"""Three heartbeats: an event stream that is silent for longer is dead."""


class Part(TypedDict):
    """A part of a message: ``input_text`` from the user, ``output_text`` from the model."""

    type: Literal["input_text", "output_text"]
    text: str


class Message(TypedDict):
    """One message of a conversation. A plain string stands for one part."""

    role: Literal["developer", "user", "assistant"]
    content: str | list[Part]
    type: NotRequired[Literal["message"]]


class Citation(TypedDict):
    """A web source. The indexes count code points of ``output_text``."""

    url: str
    title: str
    start_index: int
    end_index: int


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


class _RequestOptions(TypedDict, total=False):
    params: dict[str, str]
    headers: dict[str, str]
    json: object
    content: bytes
    timeout: float


class BackburnerError(Exception):
    """A failed call, with the problem document (RFC 9457) in ``document``.

    ``kind`` is the end of the document's ``type`` (``task-not-found``), or ``unreachable`` or
    ``unexpected-reply`` if no Backburner answered. ``detail`` is a sentence for people, ``errors``
    lists invalid fields, ``status`` is None if there was no answer.
    """

    def __init__(self, document: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.document = dict(document)
        self.retry_after = retry_after
        self.kind = str(document.get("type") or "about:blank").rpartition(":")[2]
        status = document.get("status")
        self.status = status if isinstance(status, int) else None
        self.detail = str(document.get("detail") or document.get("title") or self.kind)
        errors = document.get("errors")
        self.errors = [error for error in errors if isinstance(error, dict)] if errors else []
        super().__init__(self.detail)

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later: no answer in time, or a rate limit."""
        return (
            self.kind in {"unreachable", "too-many-requests"} or self.status in _RETRYABLE_STATUSES
        )


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
    usage: dict[str, Any] | None = None
    cost_usd: float | None = None
    estimated_cost_usd: float | None = None
    error: TaskError | None = None
    receipt: dict[str, Any] | None = None
    deletion: dict[str, Any] | None = None
    polls: int = 0
    version: int = 0
    input: list[Message] | None = field(default=None, repr=False)
    output_text: str | None = field(default=None, repr=False)
    citations: list[Citation] | None = field(default=None, repr=False)
    body: dict[str, Any] = field(repr=False)
    replayed: bool = False

    @classmethod
    def from_json(cls, body: object, *, replayed: bool = False) -> Self:
        """Parse a task's JSON. Raises TypeError or ValueError if it is invalid."""
        document = _mapping(body)
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


class Client:
    """A client of one Backburner server. Threads may share it. Close it, or use ``with``.

    ``url`` and ``token`` default to BACKBURNER_URL and BACKBURNER_TOKEN. ``retry_for`` is how many
    seconds a call is retried while the server is unavailable; ``on_retry`` is called before each
    retry. Every method raises BackburnerError.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        retry_for: float = 30.0,
        on_retry: Callable[[BackburnerError], None] = lambda _: None,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Does not connect yet. Raises ValueError for an invalid address or token."""
        base = _address(url or os.environ.get("BACKBURNER_URL") or DEFAULT_URL)
        token = token or os.environ.get("BACKBURNER_TOKEN")
        headers = {"User-Agent": "backburner-client/0.1.0", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {_printable(token, 'BACKBURNER_TOKEN')}"
        self.url = str(base)
        self._retry_for = retry_for
        self._on_retry = on_retry
        self._pause = pause
        self._clock = clock
        self._clock_offset = timedelta()
        self._http = httpx.Client(
            base_url=base,
            headers=headers,
            timeout=_TIMEOUT,
            transport=transport,
            trust_env=base.host not in {"localhost", "127.0.0.1", "::1"},  # no proxy for loopback
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def now(self) -> datetime:
        """The time on the server's clock, by its last answer. Compare a task's times with it."""
        return datetime.now(UTC) + self._clock_offset

    def submit(
        self,
        input: str | Sequence[Message],  # noqa: A002 -- the field's name, here and at OpenAI
        *,
        title: str | None = None,
        parent_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Send a question or a conversation. The task is on disk when this returns.

        With an ``idempotency_key`` of your own, repeating the call after a crash returns the same
        task.
        """
        body: dict[str, Any] = {"input": input if isinstance(input, str) else list(input)}
        body |= _drop_none(title=title, parent_id=parent_id)
        return self._post("/v1/tasks", idempotency_key, json=body)

    def submit_document(
        self,
        document: str | Mapping[str, Any],
        *,
        title: str | None = None,
        parent_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Send an export, edited or not: its Markdown, or its JSON object."""
        fields = _drop_none(title=title, parent_id=parent_id)
        if not isinstance(document, str):
            return self._post("/v1/tasks", idempotency_key, json={**document, **fields})
        return self._post(
            "/v1/tasks",
            idempotency_key,
            params=fields,
            content=document.encode(),
            headers={"Content-Type": "text/markdown; charset=utf-8"},
        )

    def get(self, task_id: str) -> Task:
        """Return the task with its texts."""
        return self._task(self._request_with_retries("GET", _path(task_id)))

    def wait(self, task_id: str, *, timeout: float | None = None) -> Task:
        """Return the task once it is settled, or as it is after ``timeout`` seconds.

        Restarts of the server and network failures are waited out.
        """
        for task in self.follow(task_id, timeout=timeout):
            last = task
        return last

    def follow(self, task_id: str, *, timeout: float | None = None) -> Iterator[Task]:
        """Yield the task now and after each change or poll until it is settled."""
        end = math.inf if timeout is None else self._clock() + timeout
        reply = self._get_until(end, _path(task_id))
        while True:
            task = self._task(reply)
            yield task
            if task.settled or self._clock() >= end:
                return
            reply = self._next_news(task, reply.headers.get("ETag"), end)

    def page(
        self, *, limit: int = 50, cursor: str | None = None, **filters: Unpack[TaskFilter]
    ) -> Page:
        """Return one page of tasks, newest first."""
        query = _drop_none(
            limit=str(limit),
            status=filters.get("status"),
            q=filters.get("search"),
            cursor=cursor,
            created_after=_rfc3339(filters.get("after")),
            created_before=_rfc3339(filters.get("before")),
        )
        return self._read(self._request_with_retries("GET", "/v1/tasks", params=query), _page)

    def tasks(self, **filters: Unpack[TaskFilter]) -> Iterator[Task]:
        """Yield all matching tasks, newest first; reads page after page."""
        page = self.page(limit=100, **filters)
        yield from page.data
        while page.next_cursor is not None:
            page = self.page(limit=100, cursor=page.next_cursor, **filters)
            yield from page.data

    def cancel(self, task_id: str) -> Task:
        """Cancel the task, at the provider too; ``receipt`` says the outcome and the cost."""
        return self._post(_path(task_id, "cancel"))

    def retry(self, task_id: str, *, idempotency_key: str | None = None) -> Task:
        """Send the conversation again as a new task, which costs again."""
        return self._post(_path(task_id, "retry"), idempotency_key)

    def adopt(self, task_id: str, response_id: str) -> Task:
        """Attach a response to an unconfirmed task. A poller checks it (see ``adopting``)."""
        return self._post(_path(task_id, "adopt"), json={"response_id": response_id})

    def abandon(self, task_id: str) -> Task:
        """Give up an unconfirmed task: it ends as failed."""
        return self._post(_path(task_id, "abandon"))

    def delete(
        self, task_id: str, *, timeout: float = 60.0, here_only: bool = False
    ) -> dict[str, Any] | None:
        """Delete an ended task at the provider and here.

        ``here_only`` completes a deletion that the provider has not confirmed.
        Returns the receipt, or None if the deletion is still running after ``timeout`` seconds.
        """
        end = self._clock() + timeout
        while True:
            params = {"here_only": "true"} if here_only else {}
            reply = self._request_with_retries("DELETE", _path(task_id), params=params)
            if reply.status_code != httpx.codes.ACCEPTED:
                return self._read(reply, _mapping)
            if self._clock() >= end:
                return None
            self._pause(0.5)

    def thread(self, task_id: str) -> Thread:
        """Return the tree of follow-ups and retries that contains the task."""
        return self._read(self._request_with_retries("GET", _path(task_id, "thread")), _thread)

    def export(
        self, task_id: str, *, form: Literal["json", "markdown"] = "json", thread: bool = False
    ) -> str:
        """Return the task or its thread as a document. ``submit_document`` accepts a task's."""
        accept = {"json": "application/json", "markdown": "text/markdown"}[form]
        path = _path(task_id, *(["thread"] if thread else []), "export")
        return self._request_with_retries("GET", path, headers={"Accept": accept}).content.decode()

    def events(
        self, task_id: str | None = None, *, last_event_id: str | None = None
    ) -> Iterator[Event]:
        """Yield the events of all tasks or of one, without end; reconnects and resumes."""
        position, delays = last_event_id, _delays()
        while True:
            wait = 0.0
            try:
                for event in self._stream(_drop_none(task=task_id), position):
                    position, delays = event.id or position, _delays()
                    if event.kind not in _CONTROL_EVENTS:
                        yield event
            except BackburnerError as error:
                if not error.retryable:
                    raise
                self._on_retry(error)
                wait = error.retry_after or 0.0
            self._pause(max(wait, next(delays)))

    def _stream(self, query: dict[str, str], position: str | None) -> Iterator[Event]:
        headers = {"Accept": "text/event-stream"} | _drop_none(**{"Last-Event-ID": position})
        timeout = httpx.Timeout(10.0, read=_STREAM_READ_TIMEOUT_S)
        try:
            with self._http.stream(
                "GET", "/v1/events", params=query, headers=headers, timeout=timeout
            ) as reply:
                if not reply.headers.get("Content-Type", "").startswith("text/event-stream"):
                    reply.read()
                    self._check(reply)
                    raise self._unexpected(reply)
                for each in _parse_sse(reply.iter_bytes()):
                    yield _event(each)
        except httpx.RequestError as error:
            raise self._unreachable(error) from None
        except _PARSE_ERRORS:
            raise self._unexpected(reply) from None

    def _next_news(self, task: Task, etag: str | None, end: float) -> httpx.Response:
        """Return the next answer: after a change, or after the provider was polled again."""
        began = self._clock()
        seconds = _wait_seconds(task, self.now(), end - began)
        headers = {"Prefer": f"wait={seconds}"} | _drop_none(**{"If-None-Match": etag})
        reply = self._get_until(end, _path(task.id), headers=headers, timeout=seconds + 15.0)
        if reply.is_success and reply.headers.get("ETag") != etag:
            return reply
        early = seconds - (self._clock() - began)
        if early > 0:  # the server ignored the preference or is shutting down: wait here
            self._pause(min(_MIN_WAIT_S, early))
        return self._get_until(end, _path(task.id))

    def _post(self, path: str, key: str | None = None, **request: Unpack[_RequestOptions]) -> Task:
        key = _printable(key or str(uuid.uuid4()), "The idempotency key")
        request["headers"] = {"Idempotency-Key": key, **request.get("headers", {})}
        return self._task(self._request_with_retries("POST", path, **request))

    def _get_until(
        self, end: float, path: str, **request: Unpack[_RequestOptions]
    ) -> httpx.Response:
        return self._request_with_retries(
            "GET", path, retry_for=max(end - self._clock(), 0), **request
        )

    def _request_with_retries(
        self,
        method: str,
        path: str,
        *,
        retry_for: float | None = None,
        **request: Unpack[_RequestOptions],
    ) -> httpx.Response:
        """Send the request until there is an answer or ``retry_for`` seconds are over."""
        end = self._clock() + (self._retry_for if retry_for is None else retry_for)
        for delay in _delays():
            try:
                return self._request(method, path, **request)
            except BackburnerError as error:
                left, asked = end - self._clock(), error.retry_after or 0.0
                if not error.retryable or left <= 0 or asked > left:
                    raise
                self._on_retry(error)
                self._pause(min(max(delay, asked), left))
        raise AssertionError("the delays are endless")

    def _request(
        self, method: str, path: str, **request: Unpack[_RequestOptions]
    ) -> httpx.Response:
        try:
            reply = self._http.request(method, path, **request)
        except httpx.RequestError as error:
            raise self._unreachable(error) from None
        self._check(reply)
        return reply

    def _check(self, reply: httpx.Response) -> None:
        """Record the server's time. Raise BackburnerError unless the call succeeded."""
        date = _http_date(reply.headers.get("Date"))
        if date:
            self._clock_offset = date - datetime.now(UTC)
        if reply.is_success or reply.status_code == httpx.codes.NOT_MODIFIED:
            return
        if not reply.is_error:
            raise self._unexpected(reply)
        try:
            document = _mapping(reply.json())
        except _PARSE_ERRORS:
            document = {}
        if not str(document.get("type")).startswith(_PROBLEM):
            raise self._unexpected(reply)
        raise BackburnerError(
            {**document, "status": reply.status_code},
            _retry_after(reply.headers.get("Retry-After")),
        )

    def _task(self, reply: httpx.Response) -> Task:
        replayed = reply.headers.get("Idempotent-Replayed") == "true"
        return self._read(reply, lambda body: Task.from_json(body, replayed=replayed))

    def _read(self, reply: httpx.Response, reader: Callable[[Any], _T]) -> _T:
        try:
            return reader(reply.json())
        except _PARSE_ERRORS:
            raise self._unexpected(reply) from None

    def _unexpected(self, reply: httpx.Response) -> BackburnerError:
        return BackburnerError(
            {
                "type": f"{_PROBLEM}unexpected-reply",
                "status": reply.status_code,
                "detail": f"{self.url} answered {reply.status_code}, but is not Backburner."
                " Check BACKBURNER_URL.",
            },
            _retry_after(reply.headers.get("Retry-After")),
        )

    def _unreachable(self, error: httpx.RequestError) -> BackburnerError:
        reason = str(error) or type(error).__name__
        return BackburnerError(
            {
                "type": f"{_PROBLEM}unreachable",
                "detail": f"{self.url} does not answer ({reason})."
                " Check that Backburner runs and that BACKBURNER_URL is its address.",
            }
        )


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{url!r} is not an address ({error}).") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise ValueError(f"{url!r} is not an address. Use one like {DEFAULT_URL}.")
    if address.userinfo:  # every error message would show it
        raise ValueError("The address must not contain a password. Use BACKBURNER_TOKEN.")
    return address


def _printable(value: str, name: str) -> str:
    """Return the value if a header can carry it; else raise ValueError."""
    if not (value.isascii() and value.isprintable() and value.strip() == value):
        raise ValueError(f"{name} must be printable ASCII without spaces at its ends.")
    return value


def _path(task_id: str, *rest: str) -> str:
    return "/".join(("/v1/tasks", quote(task_id, safe=""), *rest))


def _rfc3339(given: datetime | str | None) -> str | None:
    """Format a time for the API; one without an offset is local time."""
    return given.astimezone(UTC).isoformat() if isinstance(given, datetime) else given


def _drop_none(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _delays() -> Iterator[float]:
    """Yield the seconds between tries: doubling up to 5, with jitter."""
    limit = 0.25
    while True:
        yield limit * random.uniform(0.5, 1.0)  # noqa: S311 -- nothing secret
        limit = min(limit * 2, 5.0)


def _wait_seconds(task: Task, now: datetime, left: float) -> int:
    """Seconds for the server to wait: until just after the next poll, within the limits."""
    poll = (task.next_poll_at - now).total_seconds() + 1 if task.next_poll_at else math.inf
    return max(1, math.ceil(min(max(poll, _MIN_WAIT_S), _MAX_WAIT_S, left)))


def _timestamp(value: str | None) -> datetime | None:
    if value is None:
        return None
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise ValueError("a time without an offset")
    return parsed


def _http_date(value: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(value or "")
    except ValueError:
        return None


def _retry_after(value: str | None) -> float | None:
    """Parse Retry-After in seconds. A date, which only a proxy sends, is ignored."""
    return float(value) if value and value.strip().isdecimal() else None


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _page(body: object) -> Page:
    page = _mapping(body)
    return Page([Task.from_json(each) for each in page["data"]], page["next_cursor"])


def _thread(body: object) -> Thread:
    thread = _mapping(body)
    tasks = [Task.from_json(each) for each in thread["data"]]
    return Thread(thread["root"], tasks, thread["truncated"])


def _event(received: Mapping[str, str]) -> Event:
    if "data" not in received:  # a heartbeat moves the resume position
        return Event("heartbeat", received.get("id"), {})
    kind, data = received.get("event", "message"), _mapping(json.loads(received["data"]))
    task = Task.from_json(data) if kind == "task" else None
    return Event(kind, received.get("id"), data, task)


def _parse_sse(chunks: Iterable[bytes]) -> Iterator[dict[str, str]]:
    """Yield the fields of each event of a stream."""
    # Not splitlines: it also splits at U+2028, which a title may contain.
    rest, received = b"", dict[str, str]()
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            name, _, value = line.removesuffix(b"\r").decode().partition(":")
            if name:
                value = value.removeprefix(" ")
                more = name == "data" and name in received
                received[name] = f"{received[name]}\n{value}" if more else value
            elif not line.strip():
                if received:
                    yield received
                received = {}
