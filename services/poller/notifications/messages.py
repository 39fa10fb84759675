"""Writes the text of a message. Pure. What people and models wrote cannot act in it."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.poller.notifications.channels import Channel, EventKind
from services.poller.notifications.notices import (
    DIGEST_DAYS,
    BudgetNotice,
    DigestNotice,
    Notice,
    PauseNotice,
    ShutdownNotice,
    TaskNotice,
)
from shared.domain.spending import INSTALLATION
from shared.domain.task import Task
from shared.store import Entry
from shared.store.ledger import DAY_MS

MAX_ANSWER_CHARS = 1500
"""Services cut or split what is much longer."""

MAX_TITLE_CHARS = 120

MAX_OWNERS = 10
"""Owners that a digest names, those with the highest cost."""

_HEADINGS = {
    EventKind.COMPLETED: "Answer ready",
    EventKind.INCOMPLETE: "Answer incomplete",
    EventKind.FAILED: "Task failed",
    EventKind.CANCELLED: "Task cancelled",
    EventKind.UNCONFIRMED: "Decision needed",
    EventKind.LATE_ANSWER: "Answer arrived late",
}

UNCONFIRMED_TEXT = (
    "Nobody knows whether OpenAI received it, so it is not sent again automatically. "
    "Attach the response, send the task again or abandon it."
)


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent to one channel."""

    title: str
    body: str


TEST_MESSAGE = Message(
    "Backburner: test message", "This channel works. The operator has asked for this message."
)


def compose(
    notices: Sequence[tuple[Notice, str | None]], channel: Channel, page_url: str | None
) -> Message:
    """One message about all notices, each with the answer if it is to be sent and there is one."""
    written = [_write(notice, answer, channel, page_url) for notice, answer in notices]
    if len(written) == 1:
        return Message(f"Backburner: {written[0].title}", written[0].body)
    body = "\n\n".join(f"{each.title}\n{each.body}" for each in written)
    return Message(f"Backburner: {len(written)} messages", body)


def _write(notice: Notice, answer: str | None, channel: Channel, page_url: str | None) -> Message:
    match notice:
        case TaskNotice(task=task):
            return _task_message(notice, task, answer, channel, page_url)
        case BudgetNotice():
            return _budget_message(notice)
        case PauseNotice(message=text):
            return Message("No task is sent at present", inert(text))
        case ShutdownNotice(shutdown=shutdown):
            return Message(f"The model {shutdown.model} ends", shutdown.message)
        case DigestNotice(until=until, entries=entries):
            seen = [entry for entry in entries if channel.concerns(entry.owner)]
            return _digest_message(until, seen)
        case _:
            raise ValueError(f"no text for {notice.kind}")


def _task_message(
    notice: TaskNotice, task: Task, answer: str | None, channel: Channel, page_url: str | None
) -> Message:
    title = _HEADINGS[notice.kind]
    if channel.include_title:
        title += f": {single_line(task.title)}"
    lines = []
    if task.owner is not None and (channel.owners is None or len(channel.owners) > 1):
        lines.append(f"Owner: {single_line(task.owner)}")
    if notice.kind is EventKind.UNCONFIRMED:
        lines.append(UNCONFIRMED_TEXT)
    else:
        lines.append(_facts(task))
    lines.append(f"{page_url}/#/tasks/{task.id}" if page_url else task.id)
    if answer:
        lines += ["", _cut(answer)]
    return Message(title, "\n".join(lines))


def _facts(task: Task) -> str:
    facts = []
    if task.error_code:
        facts.append(f"Reason: {single_line(task.error_code)}.")
    if task.submitted_at is not None and task.completed_at is not None:
        facts.append(f"It took {_minutes(task.completed_at - task.submitted_at)}.")
    if task.provider == "simulator":
        facts.append("Simulated, no cost.")
    elif task.cost is not None:
        facts.append(f"Cost: {_dollars(task.cost)}.")
    elif task.estimated_cost is not None:
        facts.append(f"Cost unknown; the budget counts {_dollars(task.estimated_cost)}.")
    return " ".join(facts) or "Never sent, no cost."


def _budget_message(notice: BudgetNotice) -> Message:
    allowance = notice.allowance
    whose = (
        "The installation"
        if notice.scope == INSTALLATION
        else f"Owner {single_line(notice.scope)}"
        if notice.scope
        else "Tasks without an owner"
    )
    percent = 100 * (allowance.spent + allowance.reserved) // (allowance.budget or 1)
    state = "has no room for another task" if notice.exhausted else f"is used to {percent} %"
    return Message(
        f"Today's budget {state}",
        f"{whose}: {_dollars(allowance.spent)} spent (estimates included) and"
        f" {_dollars(allowance.reserved)} reserved for tasks under way, of"
        f" {_dollars(allowance.budget or 0)}. Tasks beyond it wait until midnight UTC.",
    )


def _digest_message(until: int, entries: Sequence[Entry]) -> Message:
    owners: dict[str | None, list[Entry]] = defaultdict(list)
    for entry in entries:
        owners[entry.owner].append(entry)
    ranked = sorted(owners.items(), key=lambda item: -sum(entry.cost for entry in item[1]))
    lines = [_sums("All", entries)]
    if set(owners) != {None}:
        lines += [
            _sums(single_line(name or "no owner"), each) for name, each in ranked[:MAX_OWNERS]
        ]
    if len(ranked) > MAX_OWNERS:
        lines.append(f"and {len(ranked) - MAX_OWNERS} more owners")
    if unpriced := sum(entry.unpriced for entry in entries):
        estimated = sum(entry.estimated for entry in entries)
        lines.append(
            f"Without a known price: {_tasks(unpriced)}. The budgets count an estimate of"
            f" {_dollars(estimated)}, which is no part of the cost."
        )
    first = until - DIGEST_DAYS + 1
    return Message(f"Spending from {_day(first)} to {_day(until)} (UTC)", "\n".join(lines))


def _sums(name: str, entries: Sequence[Entry]) -> str:
    wasted = sum(entry.cost for entry in entries if entry.outcome.wasted)
    tasks = sum(entry.tasks for entry in entries)
    text = f"{name}: {_dollars(sum(entry.cost for entry in entries))} for {_tasks(tasks)}"
    return f"{text}, of which {_dollars(wasted)} bought no complete answer" if wasted else text


def single_line(text: str) -> str:
    """One line of limited length that no service takes for a command."""
    words = " ".join(text.split())
    return inert(words if len(words) <= MAX_TITLE_CHARS else f"{words[: MAX_TITLE_CHARS - 1]}…")


def inert(text: str) -> str:
    """The text without control characters, and with mentions (@everyone, <!channel>) broken."""
    printable = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", text)
    return re.sub(r"@|<(?=[!@#])", lambda found: f"{found[0]}\N{ZERO WIDTH SPACE}", printable)


def _cut(answer: str) -> str:
    if len(answer) <= MAX_ANSWER_CHARS:
        return inert(answer)
    return f"{inert(answer[:MAX_ANSWER_CHARS])}…\n(The page shows the whole answer.)"


def _tasks(count: int) -> str:
    return "1 task" if count == 1 else f"{count} tasks"


def _dollars(micro: int) -> str:
    return f"${micro / 1_000_000:,.2f}"


def _minutes(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"  # noqa: PLR2004 -- a minute


def _day(day: int) -> date:
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=day * DAY_MS)).date()
