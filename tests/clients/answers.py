"""A Backburner for the client's unit tests: it answers from a script, on a clock that is ours."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from backburner import BackburnerError, Client

TASK_ID = "task_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a"
HOST = "http://backburner.test"

type_of_problem = "urn:backburner:problem:{}".format

Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


def task(**changes: Any) -> dict[str, Any]:
    """A task's JSON."""
    return {
        "id": TASK_ID,
        "status": "in_progress",
        "provider": "openai",
        "title": "Why?",
        "created_at": "2026-11-23T03:00:00.000Z",
        "submitted_at": "2026-11-23T03:00:01.000Z",
        "completed_at": None,
        "version": 3,
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Why?"}]}],
        "output_text": None,
        "citations": [],
    } | changes


def ok(body: object, status: int = 200, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=names)


def problem(status: int, kind: str, **more: Any) -> httpx.Response:
    headers = {"Content-Type": "application/problem+json"}
    if "retry_after" in more:
        headers["Retry-After"] = str(more.pop("retry_after"))
    body = {"type": type_of_problem(kind), "title": kind, "status": status, "detail": "So.", **more}
    return httpx.Response(status, content=json.dumps(body), headers=headers)


@dataclass
class Script:
    """Gives one answer after another, and keeps the requests; ``clock`` moves as it is paused."""

    steps: list[Step]
    requests: list[httpx.Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    troubles: list[BackburnerError] = field(default_factory=list)
    clock: float = 0.0
    takes: float = 0.0
    """How long each answer takes to come."""

    def client(self, **options: Any) -> Client:
        return Client(
            **{"url": HOST, **options},
            on_retry=self.troubles.append,
            transport=httpx.MockTransport(self._answer),
            pause=self._pause,
            clock=lambda: self.clock,
        )

    def sent(self, header: str) -> list[str | None]:
        return [request.headers.get(header) for request in self.requests]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.clock += self.takes
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return step(request) if callable(step) else step

    def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock += seconds


class Stream(httpx.SyncByteStream):
    """The chunks of an event stream; an exception among them is raised there."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk


def stream(*chunks: bytes | Exception) -> httpx.Response:
    return httpx.Response(
        200, headers={"Content-Type": "text/event-stream"}, stream=Stream(*chunks)
    )
