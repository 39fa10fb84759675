"""Backburner for Python programs, in one file on httpx: nothing lost, nothing paid twice.

A call is repeated while nobody answers it, each POST under one Idempotency-Key that is made before
the first try, so no failure of the network between makes a second task.
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

_AWAY = frozenset({408, 502, 503, 504})
_SILENT = frozenset({"bye", "heartbeat"})
_GARBAGE = (ValueError, TypeError, KeyError, RecursionError)
_PROBLEM = "urn:backburner:problem:"
_T = TypeVar("_T")
_TIMEOUT = httpx.Timeout(10.0, read=30.0)
_LONGEST_WAIT = 30
_SHORTEST_WAIT = 5
_SILENCE = 45.0
"""Seconds without a byte after which an event stream is dead; a heartbeat comes every 15."""


class Part(TypedDict):
    """A piece of a message: ``input_text`` from you, ``output_text`` from the model."""

    type: Literal["input_text", "output_text"]
    text: str


class Message(TypedDict):
    """One turn of a conversation; a plain string stands for one part."""

    role: Literal["developer", "user", "assistant"]
    content: str | list[Part]
    type: NotRequired[Literal["message"]]


class Citation(TypedDict):
    """A source; the indexes count code points of ``output_text``."""

    url: str
    title: str
    start_index: int
    end_index: int


class TaskError(TypedDict):
    """Why there is no answer, or not a whole one."""

    code: str
    message: str


class _Request(TypedDict, total=False):
    params: dict[str, str]
    headers: dict[str, str]
    json: object
    content: bytes
    timeout: float


class BackburnerError(Exception):
    """A call that did not work, with the problem document (RFC 9457) that says why.

    ``kind`` names it for programs: the end of the document's ``type`` (``task-not-found``), or
    ``unreachable`` and ``unexpected-reply`` where it was no Backburner that answered. ``detail`` is
    for people, ``errors`` are the wrong fields, ``status`` is None where there was no answer.
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
    def passing(self) -> bool:
        """Whether the same call may work in a moment: nobody answered in time, or too many ask."""
        return self.kind in {"unreachable", "too-many-requests"} or self.status in _AWAY


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task as the server tells it; what this version has no name for is in ``body``.

    ``input``, ``output_text`` and ``citations`` are None in lists, threads and events. ``replayed``
    is set where an Idempotency-Key had made the task before.
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
    response_id: str | None = None
    client_request_id: str | None = None
    adopting: str | None = None
    adoption_refused: str | None = None
    parent_id: str | None = None
    retry_of: str | None = None
    usage: dict[str, Any] | None = None
    cost_usd: float | None = None
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
    def read(cls, body: object, *, replayed: bool = False) -> Self:
        """A task's JSON. Raises TypeError or ValueError where it is none."""
        whole = _mapping(body)
        known = {key: whole[key] for key in _WIRE if key in whole}
        for name in ("id", "status", "provider", "title"):
            if not isinstance(known.get(name), str):
                raise TypeError(f"a task without {name}")
        known |= {key: _moment(value) for key, value in known.items() if key.endswith("_at")}
        if known.get("created_at") is None:
            raise TypeError("a task without created_at")
        return cls(**known, body=whole, replayed=replayed)

    @property
    def ended(self) -> bool:
        """Whether its state can change no more."""
        return self.status in ENDED

    @property
    def settled(self) -> bool:
        """Whether waiting is of no use: it has ended, or it is unconfirmed and wants a decision."""
        return self.ended or (self.status == "unconfirmed" and self.adopting is None)

    def continued(self, question: str) -> list[Message]:
        """The input of a follow-up: the whole conversation, its answer, and the new question."""
        if self.input is None or not (self.output_text or "").strip():
            raise ValueError(f"{self.id} is {self.status}, and there is no answer to go on from")
        answer = Message(role="assistant", content=self.output_text or "")
        return [*self.input, answer, Message(role="user", content=question)]


_WIRE = frozenset(each.name for each in fields(Task)) - {"body", "replayed"}


@dataclass(frozen=True)
class Page:
    """Some tasks, newest first; ``next_cursor`` is None on the last page."""

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
    """News from the server.

    ``kind`` is ``task`` (then there is ``task``) or ``deleted``; ``hello``: connected, from here on
    nothing is missed; ``resync``: something was missed, read again what you keep a copy of. ``id``
    is where to resume: keep it with what you made of the event.
    """

    kind: str
    id: str | None
    data: dict[str, Any]
    task: Task | None = None


class Client:
    """A Backburner. Threads may share it; use it as a context manager, or close it.

    ``url`` and ``token`` are BACKBURNER_URL and BACKBURNER_TOKEN by default. ``patience`` is how
    long, in seconds, a call is repeated while nobody answers; ``on_trouble`` hears of each time.
    Every method raises BackburnerError.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        patience: float = 30.0,
        on_trouble: Callable[[BackburnerError], None] = lambda _: None,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connects to nothing yet. Raises ValueError for an address or a token that cannot be."""
        base = _address(url or os.environ.get("BACKBURNER_URL") or DEFAULT_URL)
        token = token or os.environ.get("BACKBURNER_TOKEN")
        headers = {"User-Agent": "backburner-client/0.1.0", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {_printable(token, 'BACKBURNER_TOKEN')}"
        self.url = str(base)
        self._patience = patience
        self._on_trouble = on_trouble
        self._pause = pause
        self._clock = clock
        self._ahead = timedelta()
        self._http = httpx.Client(
            base_url=base,
            headers=headers,
            timeout=_TIMEOUT,
            transport=transport,
            trust_env=base.host not in {"localhost", "127.0.0.1", "::1"},  # never through a proxy
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def now(self) -> datetime:
        """The server's time, as of its last answer: what a task's times are compared with."""
        return datetime.now(UTC) + self._ahead

    def submit(
        self,
        input: str | Sequence[Message],  # noqa: A002 -- the field's name, here and at OpenAI
        *,
        title: str | None = None,
        parent_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Hand in a question or a conversation; it is on disk when this returns.

        With an ``idempotency_key`` of your own, the same call after a crash is the same task.
        """
        body: dict[str, Any] = {"input": input if isinstance(input, str) else list(input)}
        body |= _given(title=title, parent_id=parent_id)
        return self._make("/v1/tasks", idempotency_key, json=body)

    def submit_document(
        self,
        document: str | Mapping[str, Any],
        *,
        title: str | None = None,
        parent_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Hand in what ``export`` gave, as it was or edited: its Markdown, or its JSON object."""
        given = _given(title=title, parent_id=parent_id)
        if not isinstance(document, str):
            return self._make("/v1/tasks", idempotency_key, json={**document, **given})
        return self._make(
            "/v1/tasks",
            idempotency_key,
            params=given,
            content=document.encode(),
            headers={"Content-Type": "text/markdown; charset=utf-8"},
        )

    def get(self, task_id: str) -> Task:
        """The task as it stands, with its texts."""
        return self._task(self._send("GET", _path(task_id)))

    def wait(self, task_id: str, *, timeout: float | None = None) -> Task:
        """The task once it has ended or wants a decision; after ``timeout`` seconds as it stands.

        It outlasts restarts of the server and losses of the network.
        """
        for task in self.follow(task_id, timeout=timeout):
            last = task
        return last

    def follow(self, task_id: str, *, timeout: float | None = None) -> Iterator[Task]:
        """The task now and at each news, checks of the provider included, until it is settled."""
        end = math.inf if timeout is None else self._clock() + timeout
        reply = self._persist(end, _path(task_id))
        while True:
            task = self._task(reply)
            yield task
            if task.settled or self._clock() >= end:
                return
            reply = self._news(task, reply.headers.get("ETag"), end)

    def page(
        self,
        *,
        status: str | None = None,
        search: str | None = None,
        after: datetime | str | None = None,
        before: datetime | str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """One page of tasks; ``search`` looks in title, prompt and answer.

        They were created at ``after`` or later and before ``before``: times with their offset, or
        RFC 3339 text, of which a date alone is its 00:00 UTC.
        """
        span = _given(created_after=_written(after), created_before=_written(before))
        query = {"limit": str(limit), **_given(status=status, q=search, cursor=cursor), **span}
        return self._read(self._send("GET", "/v1/tasks", params=query), _page)

    def tasks(
        self,
        *,
        status: str | None = None,
        search: str | None = None,
        after: datetime | str | None = None,
        before: datetime | str | None = None,
    ) -> Iterator[Task]:
        """All tasks that ``page`` would give, newest first, page after page."""
        cursor: str | None = None
        while True:
            page = self.page(
                status=status, search=search, after=after, before=before, limit=100, cursor=cursor
            )
            yield from page.data
            if (cursor := page.next_cursor) is None:
                return

    def cancel(self, task_id: str) -> Task:
        """Stop it, at the provider too; ``receipt`` says what was stopped and what it cost."""
        return self._make(_path(task_id, "cancel"))

    def retry(self, task_id: str, *, idempotency_key: str | None = None) -> Task:
        """Send it again as a new task, with a cost of its own."""
        return self._make(_path(task_id, "retry"), idempotency_key)

    def adopt(self, task_id: str, response_id: str) -> Task:
        """Name an unconfirmed task's response; a poller checks it (``adopting``)."""
        return self._make(_path(task_id, "adopt"), json={"response_id": response_id})

    def abandon(self, task_id: str) -> Task:
        """Give up an unconfirmed task."""
        return self._make(_path(task_id, "abandon"))

    def delete(self, task_id: str, *, timeout: float = 60.0) -> dict[str, Any] | None:
        """Remove an ended task at the provider and here.

        Returns the receipt that stays, or None while it is under way after ``timeout`` seconds.
        """
        end = self._clock() + timeout
        while True:
            reply = self._send("DELETE", _path(task_id))
            if reply.status_code != httpx.codes.ACCEPTED:
                return self._read(reply, _mapping)
            if self._clock() >= end:
                return None
            self._pause(0.5)

    def thread(self, task_id: str) -> Thread:
        """The whole tree of follow-ups and retries that the task is in."""
        return self._read(self._send("GET", _path(task_id, "thread")), _thread)

    def export(
        self, task_id: str, *, form: Literal["json", "markdown"] = "json", thread: bool = False
    ) -> str:
        """The task, or its whole thread, as a document; one task's can be handed in again."""
        accept = {"json": "application/json", "markdown": "text/markdown"}[form]
        path = _path(task_id, *(["thread"] if thread else []), "export")
        return self._send("GET", path, headers={"Accept": accept}).content.decode()

    def events(
        self, task_id: str | None = None, *, last_event_id: str | None = None
    ) -> Iterator[Event]:
        """News of all tasks, or of one, without end; a lost connection resumes where it was."""
        position, delays = last_event_id, _delays()
        while True:
            wait = 0.0
            try:
                for event in self._stream(_given(task=task_id), position):
                    position, delays = event.id or position, _delays()
                    if event.kind not in _SILENT:
                        yield event
            except BackburnerError as error:
                if not error.passing:
                    raise
                self._on_trouble(error)
                wait = error.retry_after or 0.0
            self._pause(max(wait, next(delays)))

    def _stream(self, query: dict[str, str], position: str | None) -> Iterator[Event]:
        headers = {"Accept": "text/event-stream"} | _given(**{"Last-Event-ID": position})
        timeout = httpx.Timeout(10.0, read=_SILENCE)
        try:
            with self._http.stream(
                "GET", "/v1/events", params=query, headers=headers, timeout=timeout
            ) as reply:
                if not reply.headers.get("Content-Type", "").startswith("text/event-stream"):
                    reply.read()
                    self._check(reply)
                    raise self._unexpected(reply)
                for each in _server_sent(reply.iter_bytes()):
                    yield _event(each)
        except httpx.RequestError as error:
            raise self._unreachable(error) from None
        except _GARBAGE:
            raise self._unexpected(reply) from None

    def _news(self, task: Task, etag: str | None, end: float) -> httpx.Response:
        """The next answer worth telling: at a change, or once the provider has been asked again."""
        began = self._clock()
        seconds = _wait_for(task, self.now(), end - began)
        headers = {"Prefer": f"wait={seconds}"} | _given(**{"If-None-Match": etag})
        reply = self._persist(end, _path(task.id), headers=headers, timeout=seconds + 15.0)
        if reply.is_success and reply.headers.get("ETag") != etag:
            return reply
        early = seconds - (self._clock() - began)
        if early > 0:  # the server does not wait (or is stopping), so we do
            self._pause(min(_SHORTEST_WAIT, early))
        return self._persist(end, _path(task.id))

    def _make(self, path: str, key: str | None = None, **request: Unpack[_Request]) -> Task:
        key = _printable(key or str(uuid.uuid4()), "The idempotency key")
        request["headers"] = {"Idempotency-Key": key, **request.get("headers", {})}
        return self._task(self._send("POST", path, **request))

    def _persist(self, end: float, path: str, **request: Unpack[_Request]) -> httpx.Response:
        return self._send("GET", path, patience=max(end - self._clock(), 0), **request)

    def _send(
        self, method: str, path: str, *, patience: float | None = None, **request: Unpack[_Request]
    ) -> httpx.Response:
        """The answer, asked for again while nobody gives one and patience lasts."""
        end = self._clock() + (self._patience if patience is None else patience)
        for delay in _delays():
            try:
                return self._once(method, path, **request)
            except BackburnerError as error:
                left, asked = end - self._clock(), error.retry_after or 0.0
                if not error.passing or left <= 0 or asked > left:
                    raise
                self._on_trouble(error)
                self._pause(min(max(delay, asked), left))
        raise AssertionError("delays have no end")

    def _once(self, method: str, path: str, **request: Unpack[_Request]) -> httpx.Response:
        try:
            reply = self._http.request(method, path, **request)
        except httpx.RequestError as error:
            raise self._unreachable(error) from None
        self._check(reply)
        return reply

    def _check(self, reply: httpx.Response) -> None:
        """Note the server's time, and raise what is no success."""
        date = _http_date(reply.headers.get("Date"))
        if date:
            self._ahead = date - datetime.now(UTC)
        if reply.is_success or reply.status_code == httpx.codes.NOT_MODIFIED:
            return
        if not reply.is_error:
            raise self._unexpected(reply)
        try:
            document = _mapping(reply.json())
        except _GARBAGE:
            document = {}
        if not str(document.get("type")).startswith(_PROBLEM):
            raise self._unexpected(reply)
        raise BackburnerError(
            {**document, "status": reply.status_code}, _seconds(reply.headers.get("Retry-After"))
        )

    def _task(self, reply: httpx.Response) -> Task:
        replayed = reply.headers.get("Idempotent-Replayed") == "true"
        return self._read(reply, lambda body: Task.read(body, replayed=replayed))

    def _read(self, reply: httpx.Response, reader: Callable[[Any], _T]) -> _T:
        try:
            return reader(reply.json())
        except _GARBAGE:
            raise self._unexpected(reply) from None

    def _unexpected(self, reply: httpx.Response) -> BackburnerError:
        return BackburnerError(
            {
                "type": f"{_PROBLEM}unexpected-reply",
                "status": reply.status_code,
                "detail": f"{self.url} answered {reply.status_code}, but not as a Backburner does:"
                " is BACKBURNER_URL its address?",
            },
            _seconds(reply.headers.get("Retry-After")),
        )

    def _unreachable(self, error: httpx.RequestError) -> BackburnerError:
        reason = str(error) or type(error).__name__
        return BackburnerError(
            {
                "type": f"{_PROBLEM}unreachable",
                "detail": f"{self.url} does not answer ({reason})."
                " Is it running, and is BACKBURNER_URL its address?",
            }
        )


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{url!r} is no address ({error}).") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise ValueError(f"{url!r} is no address: give one like {DEFAULT_URL}.")
    if address.userinfo:  # it would be shown with the address in every error
        raise ValueError("An address with a password in it is not taken.")
    return address


def _printable(value: str, name: str) -> str:
    """What may stand in a header."""
    if not (value.isascii() and value.isprintable() and value.strip() == value):
        raise ValueError(f"{name} is printable ASCII without spaces around it.")
    return value


def _path(task_id: str, *rest: str) -> str:
    return "/".join(("/v1/tasks", quote(task_id, safe=""), *rest))


def _written(given: datetime | str | None) -> str | None:
    """As the server reads it; a time without an offset is this machine's."""
    return given.astimezone(UTC).isoformat() if isinstance(given, datetime) else given


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _delays() -> Iterator[float]:
    """Seconds between tries: doubling up to 5, spread so that clients do not come all at once."""
    longest = 0.25
    while True:
        yield longest * random.uniform(0.5, 1.0)  # noqa: S311 -- nothing secret
        longest = min(longest * 2, 5.0)


def _wait_for(task: Task, now: datetime, left: float) -> int:
    """How long to have the server wait: a little longer than until the provider is asked again."""
    soon = (task.next_poll_at - now).total_seconds() + 1 if task.next_poll_at else math.inf
    return max(1, math.ceil(min(max(soon, _SHORTEST_WAIT), _LONGEST_WAIT, left)))


def _moment(value: str | None) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment


def _http_date(value: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(value or "")
    except ValueError:
        return None


def _seconds(value: str | None) -> float | None:
    """Retry-After as our server gives it; a date, which a proxy may give, is left alone."""
    return float(value) if value and value.strip().isdecimal() else None


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _page(body: object) -> Page:
    page = _mapping(body)
    return Page([Task.read(each) for each in page["data"]], page["next_cursor"])


def _thread(body: object) -> Thread:
    thread = _mapping(body)
    tasks = [Task.read(each) for each in thread["data"]]
    return Thread(thread["root"], tasks, thread["truncated"])


def _event(received: Mapping[str, str]) -> Event:
    if "data" not in received:  # a heartbeat moves the place to resume
        return Event("heartbeat", received.get("id"), {})
    kind, data = received.get("event", "message"), _mapping(json.loads(received["data"]))
    task = Task.read(data) if kind == "task" else None
    return Event(kind, received.get("id"), data, task)


def _server_sent(chunks: Iterable[bytes]) -> Iterator[dict[str, str]]:
    """The events of a stream, as their fields.

    Lines end where the standard ends them: a title may hold U+2028, at which ``splitlines`` does.
    """
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
