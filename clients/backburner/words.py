"""A task in words, as people read them in a terminal: pure, and measured on the server's clock."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles

from backburner.client import BackburnerError, Task

FEWEST = 5
"""Tasks below which nothing is called usual."""

PROVIDERS = {"openai": "OpenAI", "simulator": "the simulator"}
PAUSES = {
    "bad_key": "OpenAI refuses the key",
    "quota": "the OpenAI account has no quota left",
    "model_retired": "OpenAI no longer has the model",
    "budget": "today's budget is used up",
}


@dataclass(frozen=True)
class Usual:
    """How long tasks took from sending to end, in seconds, over ``count`` of them."""

    half: float
    most: float
    count: int


def usual(tasks: Sequence[Task], provider: str) -> Usual | None:
    """The 50th and 90th percentile of completed tasks; None where they are too few."""
    spans = [
        (task.completed_at - task.submitted_at).total_seconds()
        for task in tasks
        if task.provider == provider and task.completed_at and task.submitted_at
    ]
    if len(spans) < FEWEST:
        return None
    tenths = quantiles(spans, n=10, method="inclusive")
    return Usual(tenths[4], tenths[8], len(spans))


def duration(seconds: float) -> str:
    """As the page writes it: "12 s", "3 min 05 s", "1 h 04 min", "2 d 3 h"."""
    span = max(0, int(seconds))
    minutes, hours, days = span // 60, span // 3600, span // 86400
    if not minutes:
        return f"{span} s"
    if not hours:
        return f"{minutes} min {span % 60:02} s"
    return f"{days} d {hours % 24} h" if days else f"{hours} h {minutes % 60:02} min"


def progress(task: Task, now: datetime, expected: Usual | None, width: int | None = None) -> str:
    """Where a task stands while one waits for it; a line for each thing where one is too narrow."""
    parts = list(_standing(task, now, expected))
    whole = " · ".join(parts)
    return whole if width is None or len(whole) <= width else "\n".join(parts)


def _standing(task: Task, now: datetime, expected: Usual | None) -> Iterator[str]:
    yield f"{task.status} {duration((now - task.created_at).total_seconds())}"
    if task.paused:
        yield f"waits: {PAUSES.get(task.paused, task.paused)}"
    if task.adopting:
        yield f"checking whether {task.adopting} is its response"
    if task.provider_status:
        yield f"{PROVIDERS.get(task.provider, task.provider)} says {task.provider_status}"
    if task.last_polled_at:
        ago = duration((now - task.last_polled_at).total_seconds())
        yield f"checked {ago} ago{_next(task, now)}"
    if expected and not task.ended:
        yield (
            f"usually {duration(expected.half)}, 9 of 10 within {duration(expected.most)}"
            f" (last {expected.count} tasks)"
        )


def _next(task: Task, now: datetime) -> str:
    if task.next_poll_at is None:
        return ""
    left = (task.next_poll_at - now).total_seconds()
    return f", next in {duration(left)}" if left > 0 else ", next check is due"


def outcome(task: Task) -> str:
    """How a task ended or what it wants, and its cost."""
    return " · ".join(_outcome(task))


def _outcome(task: Task) -> Iterator[str]:
    yield task.status
    if task.completed_at:
        yield f"took {duration((task.completed_at - task.created_at).total_seconds())}"
    if task.error:
        yield f"{task.error['code']}: {task.error['message']}"
    message = (task.receipt or {}).get("message")
    yield str(message) if message else cost(task)


def cost(task: Task) -> str:
    """What it cost, or that nobody knows yet."""
    if task.provider == "simulator":
        spared = "" if task.cost_usd is None else f"; OpenAI would have taken ${task.cost_usd:.2f}"
        return f"made up by the simulator, nothing was paid{spared}"
    if task.cost_usd is not None:
        return f"cost ${task.cost_usd:.2f}"
    return "cost unknown" if task.submitted_at else "never sent, cost nothing"


def complaint(error: BackburnerError) -> str:
    """A problem with its fields, one a line."""
    fields = [f"  {each.get('field')}: {each.get('message')}" for each in error.errors]
    return "\n".join([error.detail, *fields] if len(fields) > 1 else [error.detail])


def harmless(text: str) -> str:
    """The text without what could command a terminal; tabs and ends of lines stay."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", text)


def line(text: str) -> str:
    """The text on one line."""
    return " ".join(harmless(text).split())
