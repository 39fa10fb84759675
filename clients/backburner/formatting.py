"""Formats a task for people in a terminal. Pure: times are compared with the server's clock."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles

from backburner.client import BackburnerError, Task

BYTES_PER_TOKEN = 4

MIN_SAMPLES = 5
"""Completed tasks needed for an estimate."""

PROVIDER_NAMES = {"openai": "OpenAI", "simulator": "the simulator"}
PAUSE_REASONS = {
    "bad_key": "the API key is rejected",
    "quota": "the account has no quota left",
    "model_retired": "the model is no longer offered",
    "provider_refuses": "the provider, or a gateway before it, refuses every task",
    "budget": "today's budget is spent",
    "no_token": "the owner has no valid token",
}


@dataclass(frozen=True)
class TypicalDuration:
    """Seconds from submission to completion, measured over ``count`` tasks."""

    median_s: float
    p90_s: float
    count: int


def typical_duration(tasks: Sequence[Task], provider: str) -> TypicalDuration | None:
    """The 50th and 90th percentile of the provider's completed tasks; None below MIN_SAMPLES."""
    durations_s = [
        (task.completed_at - task.submitted_at).total_seconds()
        for task in tasks
        if task.provider == provider and task.completed_at and task.submitted_at
    ]
    if len(durations_s) < MIN_SAMPLES:
        return None
    tenths = quantiles(durations_s, n=10, method="inclusive")
    return TypicalDuration(tenths[4], tenths[8], len(durations_s))


def format_duration(seconds: float) -> str:
    """Write seconds as the page does: "12 s", "3 min 05 s", "1 h 04 min", "2 d 3 h"."""
    span = max(0, int(seconds))
    minutes, hours, days = span // 60, span // 3600, span // 86400
    if not minutes:
        return f"{span} s"
    if not hours:
        return f"{minutes} min {span % 60:02} s"
    return f"{days} d {hours % 24} h" if days else f"{hours} h {minutes % 60:02} min"


def about_tokens(size_bytes: int) -> int:
    """Estimate tokens from bytes of UTF-8: right within 15 % for most texts, base64 has more."""
    return -(-size_bytes // BYTES_PER_TOKEN)


def format_size(size_bytes: int) -> str:
    """Write bytes of UTF-8 text and the tokens that they are about."""
    return f"{size_bytes:,} bytes, about {about_tokens(size_bytes):,} tokens"


def format_progress(
    task: Task, now: datetime, expected: TypicalDuration | None, width: int | None = None
) -> str:
    """The state of an open task in one line, or one line a fact if that is wider than ``width``."""
    parts = list(_progress_parts(task, now, expected))
    joined = " · ".join(parts)
    return joined if width is None or len(joined) <= width else "\n".join(parts)


def _progress_parts(task: Task, now: datetime, expected: TypicalDuration | None) -> Iterator[str]:
    yield f"{task.status} {format_duration((now - task.created_at).total_seconds())}"
    if task.paused:
        yield f"waiting: {PAUSE_REASONS.get(task.paused, task.paused)}"
    if task.waiting:
        yield f"{task.waiting['message']} Tried {task.waiting['attempts']} times."
    if task.adopting:
        yield f"checking whether {task.adopting} is its response"
    if task.provider_status:
        yield f"{PROVIDER_NAMES.get(task.provider, task.provider)} says {task.provider_status}"
    if task.last_polled_at:
        ago = format_duration((now - task.last_polled_at).total_seconds())
        yield f"checked {ago} ago{_next(task, now)}"
    if expected and not task.ended:
        median, p90 = format_duration(expected.median_s), format_duration(expected.p90_s)
        yield f"usually {median}, 9 of 10 within {p90} (last {expected.count} tasks)"


def _next(task: Task, now: datetime) -> str:
    if task.next_poll_at is None:
        return ""
    left = (task.next_poll_at - now).total_seconds()
    return f", next in {format_duration(left)}" if left > 0 else ", next check is due"


def format_result(task: Task) -> str:
    """The result of a task or what it waits for, and its cost."""
    return " · ".join(_result_parts(task))


def _result_parts(task: Task) -> Iterator[str]:
    yield task.status
    if task.completed_at:
        yield f"took {format_duration((task.completed_at - task.created_at).total_seconds())}"
    if task.error:
        yield f"{task.error['code']}: {task.error['message']}"
    message = (task.receipt or {}).get("message")
    yield str(message) if message else format_cost(task)


def format_cost(task: Task) -> str:
    """What the task cost, as far as it is known."""
    if task.provider == "simulator":
        price = "" if task.cost_usd is None else f"; OpenAI would charge ${task.cost_usd:.2f}"
        return f"simulated answer, no cost{price}"
    if task.cost_usd is not None:
        return f"cost ${task.cost_usd:.2f}"
    if task.estimated_cost_usd is not None:
        return f"cost unknown; the budget counts ${task.estimated_cost_usd:.2f}"
    return "cost unknown" if task.submitted_at else "never sent, no cost"


def format_error(error: BackburnerError) -> str:
    """The message of an error; if several fields are wrong, each on a line."""
    fields = [f"  {each.get('field')}: {each.get('message')}" for each in error.errors]
    return "\n".join([error.detail, *fields] if len(fields) > 1 else [error.detail])


def strip_control(text: str) -> str:
    """Remove the control characters that a terminal would execute; keep tabs and line ends."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", text)


def single_line(text: str) -> str:
    """Join the text into one line."""
    return " ".join(strip_control(text).split())
