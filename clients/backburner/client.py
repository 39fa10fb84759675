"""The Backburner API for Python programs.

A call is retried while the server is unavailable. All tries of a POST carry one Idempotency-Key, so
a network failure never makes a second task.
"""

import math
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal, Self, TypeVar, Unpack
from urllib.parse import quote

import httpx

from backburner import sse
from backburner.errors import BackburnerError, InvalidSetting
from backburner.models import (
    ENDED,
    Citation,
    Estimate,
    Event,
    Me,
    Message,
    Page,
    Part,
    Percentiles,
    Preset,
    Spending,
    SpendingRow,
    Task,
    TaskError,
    TaskFilter,
    Thread,
    as_mapping,
    parse_estimate,
    parse_event,
    parse_me,
    parse_page,
    parse_preset,
    parse_spending,
    parse_thread,
)
from backburner.session import RequestOptions, Session, delays, json_content
from backburner.settings import DEFAULT_URL, NOT_PRINTABLE, is_printable
from backburner.webhooks import Webhooks

__all__ = [
    "DEFAULT_URL",
    "ENDED",
    "BackburnerError",
    "Citation",
    "Client",
    "Estimate",
    "Event",
    "InvalidSetting",
    "Me",
    "Message",
    "Page",
    "Part",
    "Percentiles",
    "Preset",
    "Spending",
    "SpendingRow",
    "Task",
    "TaskError",
    "TaskFilter",
    "Thread",
    "Webhooks",
]

_CONTROL_EVENTS = frozenset({"heartbeat", "shutdown"})
_MAX_WAIT_S = 30
_MIN_WAIT_S = 5
_STREAM_READ_TIMEOUT_S = 45.0
"""Three heartbeats: an event stream that is silent for longer is dead."""


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
        """Does not connect yet. Raises InvalidSetting, a ValueError, for what cannot be used."""
        self._session = Session(
            url,
            token,
            retry_for=retry_for,
            on_retry=on_retry,
            transport=transport,
            pause=pause,
            clock=clock,
        )

    @property
    def webhooks(self) -> Webhooks:
        """The webhook endpoints of the caller."""
        return Webhooks(self._session)

    @property
    def url(self) -> str:
        """The server's address."""
        return self._session.url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def now(self) -> datetime:
        """The time on the server's clock, by its last answer. Compare a task's times with it."""
        return self._session.now()

    def submit(
        self,
        input: str | Sequence[Message],  # noqa: A002 -- the field's name, here and at OpenAI
        *,
        title: str | None = None,
        parent_id: str | None = None,
        webhook_endpoint: str | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Send a question or a conversation. The task is on disk when this returns.

        With an ``idempotency_key`` of your own, repeating the call after a crash returns the same
        task. ``webhook_endpoint`` is the id of one that gets the task's events.
        """
        body: dict[str, Any] = {"input": input if isinstance(input, str) else list(input)}
        body |= _drop_none(title=title, parent_id=parent_id, webhook_endpoint=webhook_endpoint)
        return self._post("/v1/tasks", idempotency_key, **json_content(body))

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
            return self._post("/v1/tasks", idempotency_key, **json_content({**document, **fields}))
        return self._post(
            "/v1/tasks",
            idempotency_key,
            params=fields,
            content=document.encode(),
            headers={"Content-Type": "text/markdown; charset=utf-8"},
        )

    def get(self, task_id: str) -> Task:
        """Return the task with its texts."""
        return self._task(self._request("GET", _path(task_id)))

    def wait(self, task_id: str, *, timeout: float | None = None) -> Task:
        """Return the task once it is settled, or as it is after ``timeout`` seconds.

        Restarts of the server and network failures are waited out.
        """
        for task in self.follow(task_id, timeout=timeout):
            last = task
        return last

    def follow(self, task_id: str, *, timeout: float | None = None) -> Iterator[Task]:
        """Yield the task now and after each change or poll until it is settled."""
        end = math.inf if timeout is None else self._session.clock() + timeout
        reply = self._get_until(end, _path(task_id))
        while True:
            task = self._task(reply)
            yield task
            if task.settled or self._session.clock() >= end:
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
        return self._session.read(self._request("GET", "/v1/tasks", params=query), parse_page)

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

    def update(
        self,
        task_id: str,
        *,
        title: str | None = None,
        pinned: bool | None = None,
        archived: bool | None = None,
        read: bool | None = None,
    ) -> Task:
        """Rename, pin or archive a task, or mark it as read; what is None stays as it is."""
        flags = _drop_none(pinned=pinned, archived=archived, read=read)
        marks: dict[str, str | bool] = {**_drop_none(title=title), **flags}
        return self._task(self._request("PATCH", _path(task_id), **json_content(marks)))

    def retry(self, task_id: str, *, idempotency_key: str | None = None) -> Task:
        """Send the conversation again as a new task, which costs again."""
        return self._post(_path(task_id, "retry"), idempotency_key)

    def adopt(self, task_id: str, response_id: str) -> Task:
        """Attach a response to an unconfirmed task. A poller checks it (see ``adopting``)."""
        return self._post(_path(task_id, "adopt"), **json_content({"response_id": response_id}))

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
        end = self._session.clock() + timeout
        while True:
            params = {"here_only": "true"} if here_only else {}
            reply = self._request("DELETE", _path(task_id), params=params)
            if reply.status_code != httpx.codes.ACCEPTED:
                return self._session.read(reply, as_mapping)
            if self._session.clock() >= end:
                return None
            self._session.pause(0.5)

    def estimate(self, *, input_bytes: int | None = None) -> Estimate:
        """Return what the next task may take and cost, for an input of so many bytes of UTF-8."""
        query = _drop_none(input_bytes=None if input_bytes is None else str(input_bytes))
        reply = self._request("GET", "/v1/estimate", params=query)
        return self._session.read(reply, parse_estimate)

    def me(self) -> Me:
        """Return the owner of the token."""
        return self._session.read(self._request("GET", "/v1/me"), parse_me)

    def presets(self) -> list[Preset]:
        """Return the saved instructions, by name."""
        reply = self._request("GET", "/v1/presets")
        return self._session.read(
            reply, lambda body: [parse_preset(each) for each in as_mapping(body)["data"]]
        )

    def save_preset(self, name: str, text: str, *, preset_id: str | None = None) -> Preset:
        """Save instructions under a name; those with the id ``preset_id`` are replaced."""
        path = _preset_path(preset_id or uuid.uuid4().hex)
        reply = self._request("PUT", path, **json_content({"name": name, "text": text}))
        return self._session.read(reply, parse_preset)

    def delete_preset(self, preset_id: str) -> None:
        """Delete saved instructions. It is no error if there are none."""
        self._request("DELETE", _preset_path(preset_id))

    def spending(self, *, days: int = 30, since: date | str | None = None) -> Spending:
        """Return what tasks cost in the last ``days`` (UTC, with today), or from ``since`` on.

        An admin's token sees every owner, another one its own.
        """
        query = {"days": str(days)} if since is None else {"since": str(since)}
        reply = self._request("GET", "/v1/spending", params=query)
        return self._session.read(reply, parse_spending)

    def thread(self, task_id: str) -> Thread:
        """Return the tree of follow-ups and retries that contains the task."""
        return self._session.read(self._request("GET", _path(task_id, "thread")), parse_thread)

    def export(
        self, task_id: str, *, form: Literal["json", "markdown"] = "json", thread: bool = False
    ) -> str:
        """Return the task or its thread as a document. ``submit_document`` accepts a task's."""
        accept = {"json": "application/json", "markdown": "text/markdown"}[form]
        path = _path(task_id, *(["thread"] if thread else []), "export")
        return self._request("GET", path, headers={"Accept": accept}).content.decode()

    def response(self, task_id: str) -> dict[str, Any]:
        """Return OpenAI's own object of a task that has ended. It may have none (404)."""
        return self._session.read(self._request("GET", _path(task_id, "response")), as_mapping)

    def events(
        self, task_id: str | None = None, *, last_event_id: str | None = None
    ) -> Iterator[Event]:
        """Yield the events of all tasks or of one, without end; reconnects and resumes."""
        position, waits = last_event_id, delays()
        while True:
            wait = 0.0
            try:
                for event in self._stream(_drop_none(task=task_id), position):
                    position, waits = event.id or position, delays()
                    if event.kind not in _CONTROL_EVENTS:
                        yield event
            except BackburnerError as error:
                if not error.retryable:
                    raise
                self._session.on_retry(error)
                wait = error.retry_after or 0.0
            self._session.pause(max(wait, next(waits)))

    def _stream(self, query: dict[str, str], position: str | None) -> Iterator[Event]:
        headers = {"Accept": "text/event-stream"} | _drop_none(**{"Last-Event-ID": position})
        with self._session.stream(
            "/v1/events", query, headers, read_timeout=_STREAM_READ_TIMEOUT_S
        ) as chunks:
            for each in sse.parse(chunks):
                yield parse_event(each)

    def _next_news(self, task: Task, etag: str | None, end: float) -> httpx.Response:
        """Return the next answer: after a change, or after the provider was polled again."""
        began = self._session.clock()
        seconds = _wait_seconds(task, self.now(), end - began)
        headers = {"Prefer": f"wait={seconds}"} | _drop_none(**{"If-None-Match": etag})
        reply = self._get_until(end, _path(task.id), headers=headers, timeout=seconds + 15.0)
        if reply.is_success and reply.headers.get("ETag") != etag:
            return reply
        early = seconds - (self._session.clock() - began)
        if early > 0:  # the server ignored the preference or is shutting down: wait here
            self._session.pause(min(_MIN_WAIT_S, early))
        return self._get_until(end, _path(task.id))

    def _post(self, path: str, key: str | None = None, **request: Unpack[RequestOptions]) -> Task:
        key = key or str(uuid.uuid4())
        if not is_printable(key):
            raise ValueError(f"The idempotency key is invalid. {NOT_PRINTABLE}")
        request["headers"] = {"Idempotency-Key": key, **request.get("headers", {})}
        return self._task(self._request("POST", path, **request))

    def _get_until(
        self, end: float, path: str, **request: Unpack[RequestOptions]
    ) -> httpx.Response:
        return self._request("GET", path, retry_for=max(end - self._session.clock(), 0), **request)

    def _request(
        self,
        method: str,
        path: str,
        *,
        retry_for: float | None = None,
        **options: Unpack[RequestOptions],
    ) -> httpx.Response:
        return self._session.request(method, path, retry_for=retry_for, options=options)

    def _task(self, reply: httpx.Response) -> Task:
        replayed = reply.headers.get("Idempotent-Replayed") == "true"
        return self._session.read(reply, lambda body: Task.from_json(body, replayed=replayed))


def _path(task_id: str, *rest: str) -> str:
    return "/".join(("/v1/tasks", quote(task_id, safe=""), *rest))


def _preset_path(preset_id: str) -> str:
    return f"/v1/presets/{quote(preset_id, safe='')}"


def _rfc3339(given: datetime | str | None) -> str | None:
    """Format a time for the API; one without an offset is local time."""
    return given.astimezone(UTC).isoformat() if isinstance(given, datetime) else given


_Value = TypeVar("_Value")


def _drop_none(**values: _Value | None) -> dict[str, _Value]:
    return {name: value for name, value in values.items() if value is not None}


def _wait_seconds(task: Task, now: datetime, left: float) -> int:
    """Seconds for the server to wait: until just after the next poll, within the limits."""
    poll = (task.next_poll_at - now).total_seconds() + 1 if task.next_poll_at else math.inf
    return max(1, math.ceil(min(max(poll, _MIN_WAIT_S), _MAX_WAIT_S, left)))
