"""Decides what is sent to a channel: pure functions of the tasks, the ledger and the time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.poller.notifications.channels import WEEKDAYS, Channel, DigestTime, EventKind
from shared.domain.model_shutdown import ModelShutdown
from shared.domain.spending import INSTALLATION
from shared.domain.states import Status
from shared.domain.task import Task
from shared.openai.answer import is_answer
from shared.store import Allowance, Entry, PauseState, Today
from shared.store.ledger import DAY_MS

MAX_AGE_MS = 3 * DAY_MS
"""An older end is no longer sent: the channel was out of order for so long."""

BUDGET_PERCENT = 80
"""Share of a budget, spent or reserved, from which its owner is warned."""

SHUTDOWN_DAYS = (0, 1, 7, 30)
"""Days before the end of the model at which it is announced."""

DIGEST_DAYS = 7


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to send. A channel gets each ``key`` once."""

    key: str
    kind: EventKind


@dataclass(frozen=True, slots=True)
class TaskNotice(Notice):
    """About a task, as it is now."""

    task: Task


@dataclass(frozen=True, slots=True)
class BudgetNotice(Notice):
    """A budget of today is nearly used, or has no room for one more task."""

    scope: str
    allowance: Allowance
    exhausted: bool


@dataclass(frozen=True, slots=True)
class PauseNotice(Notice):
    """No task is sent at present."""

    message: str


@dataclass(frozen=True, slots=True)
class ShutdownNotice(Notice):
    """The model ends soon."""

    shutdown: ModelShutdown


@dataclass(frozen=True, slots=True)
class DigestNotice(Notice):
    """What the seven days before ``until`` cost. Days count from the epoch, in UTC."""

    until: int
    entries: Sequence[Entry] = field(default=())


def task_notice(task: Task, channel: Channel) -> TaskNotice | None:
    """The notice that a task as it is now gives this channel, if any."""
    if not channel.concerns(task.owner):
        return None
    if not task.is_terminal and task.status is not Status.UNCONFIRMED:
        return None
    late = task.is_terminal and task.ended_from is not None and is_answer(task.answer_kind)
    kind = EventKind.LATE_ANSWER if late else EventKind(f"task.{task.status}")
    return TaskNotice(f"{task.id}:{kind}", kind, task) if kind in channel.events else None


def is_expired(notice: TaskNotice, now: int) -> bool:
    """Whether it is too old to be sent. What waits for a decision never is."""
    task = notice.task
    if notice.kind is EventKind.UNCONFIRMED:
        return False
    if notice.kind is EventKind.LATE_ANSWER:
        return (task.last_polled_at or now) < now - MAX_AGE_MS
    return (task.completed_at or now) < now - MAX_AGE_MS


def budget_notices(today: Today, expected: int, channel: Channel) -> Iterator[BudgetNotice]:
    """One for each budget, at 80 % and when the ``expected`` cost of a task has no room."""
    for scope, allowance in today.allowances.items():
        own = channel.owners is None if scope == INSTALLATION else channel.concerns(scope or None)
        if not allowance.budget or not own:
            continue
        used = allowance.spent + allowance.reserved
        exhausted = used + expected > allowance.budget
        if exhausted or used * 100 >= allowance.budget * BUDGET_PERCENT:
            level = "full" if exhausted else "near"
            key = f"budget:{today.day}:{scope}:{level}"
            yield BudgetNotice(key, EventKind.BUDGET_WARNING, scope, allowance, exhausted)


def pause_notice(pause: PauseState) -> PauseNotice:
    """Once for each time that submission is paused. The provider's words are not passed on."""
    key = f"paused:{pause.since}:{pause.reason}"
    return PauseNotice(key, EventKind.SUBMISSIONS_PAUSED, pause.message)


def shutdown_notice(shutdown: ModelShutdown) -> ShutdownNotice | None:
    """Thirty days, a week and a day before, and on the day."""
    step = next((days for days in SHUTDOWN_DAYS if shutdown.days_left <= days), None)
    if step is None:
        return None
    key = f"shutdown:{shutdown.model}:{shutdown.day}:{step}"
    return ShutdownNotice(key, EventKind.MODEL_SHUTDOWN, shutdown)


def digest_notice(now: int, time: DigestTime) -> DigestNotice | None:
    """The digest that is due, for a day after its time."""
    moment = datetime.fromtimestamp(now / 1000, UTC)
    due = moment.replace(hour=time.hour, minute=0, second=0, microsecond=0)
    due -= timedelta((moment.weekday() - WEEKDAYS.index(time.weekday)) % 7)
    if due > moment:
        due -= timedelta(7)
    if moment - due > timedelta(1):
        return None
    day = int(due.timestamp()) * 1000 // DAY_MS
    return DigestNotice(f"digest:{day}", EventKind.WEEKLY_DIGEST, day - 1)
