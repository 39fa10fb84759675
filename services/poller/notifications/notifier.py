"""Sends to one channel what is new. The store keeps how far it got, and what it has sent.

A message is sent at least once: if a poller ends between sending and saving, the next one sends it
again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from services.poller import metrics
from services.poller.notifications import notices
from services.poller.notifications.channels import Channel, EventKind, Notifications
from services.poller.notifications.messages import MAX_ANSWER_CHARS, Message, compose
from services.poller.notifications.notices import Notice, TaskNotice
from shared.domain.estimate import usual_output_cost
from shared.domain.states import TERMINAL, Status
from shared.openai.response import Response
from shared.store import (
    ChannelProgress,
    NotificationState,
    PollerRegistry,
    Store,
    SubmissionGate,
)
from shared.store.ledger import DAY_MS

INTERVAL_S = 2.0

LEASE_MS = 60_000
"""Longer than a message may take."""

PAUSE_MS = 1_500
"""Milliseconds after a run in which no other poller looks at the channel."""

CONDITIONS_INTERVAL_MS = 10_000
"""Between two looks at budgets, pauses, the model's end and the time of the digest."""

PAGE_SIZE = 200
MAX_PAGES = 5
"""Changed tasks that are read in one run."""

MAX_NOTICES = 20
"""Notices in one message."""

TOLD_STATES = frozenset({*TERMINAL, Status.UNCONFIRMED})

TASKS_TOLD_FOR_MS = notices.MAX_AGE_MS + DAY_MS
OTHERS_TOLD_FOR_MS = 39 * DAY_MS
"""For how long it is remembered that a notice was sent."""

RETRY_DELAYS_MS = (30_000, 120_000, 600_000, 1_800_000, 3_600_000)
"""After each failure in a row; the last one repeats."""

log = structlog.get_logger("services.poller")


class Sender(Protocol):
    """Sends one message to a channel."""

    async def send(self, channel: str, message: Message) -> str | None:
        """Return None, or in one word why it failed."""


@dataclass(slots=True)
class ChannelNotifier:
    """One channel, as one poller serves it."""

    channel: Channel
    settings: Notifications
    poller: str
    state: NotificationState
    store: Store
    gate: SubmissionGate
    fleet: PollerRegistry
    sender: Sender
    conditions_interval_ms: int = CONDITIONS_INTERVAL_MS
    _conditions_at: int = field(default=0, init=False)

    async def run(self) -> None:
        """Send one message about everything new, if there is any and no other poller does."""
        name = self.channel.name
        if not await self.state.acquire(name, self.poller, LEASE_MS):
            return
        try:
            await self._tell()
        finally:
            await self.state.release(name, self.poller, PAUSE_MS)

    async def _tell(self) -> None:
        now = await self.state.now()
        progress = await self.state.progress(self.channel.name)
        latest = await self.state.latest_change()
        if progress.cursor is None or progress.cursor > latest:  # new, or the store is another one
            progress = replace(progress, cursor=latest)
            await self.state.save(self.channel.name, progress)
        if progress.retry_at > now:
            return
        found: list[Notice] = []
        if now >= self._conditions_at + self.conditions_interval_ms:
            self._conditions_at = now
            found += await self._new(await self._conditions(now))
        about_tasks, cursor = await self._task_notices(progress.cursor or 0, now)
        found += about_tasks
        if found:
            await self._send(found, progress, cursor, now)
        elif cursor != progress.cursor:
            await self.state.save(self.channel.name, replace(progress, cursor=cursor))

    async def _send(
        self, found: list[Notice], progress: ChannelProgress, cursor: int, now: int
    ) -> None:
        name = self.channel.name
        texts = [(notice, await self._answer(notice)) for notice in found]
        message = compose(texts, self.channel, self.settings.page_url)
        reason = await self.sender.send(name, message)
        if reason is None:
            metrics.NOTIFICATIONS.labels("sent").inc()
            log.info("notification_sent", channel=name, notices=len(found))
            done = ChannelProgress(cursor=cursor, last_sent_at=now)
            await self.state.save(name, done, {each.key: _forget_at(each, now) for each in found})
            return
        metrics.NOTIFICATIONS.labels("failed").inc()
        delay = RETRY_DELAYS_MS[min(progress.attempts, len(RETRY_DELAYS_MS) - 1)]
        log.warning(
            "notification_failed",
            channel=name,
            reason=reason,
            attempts=progress.attempts + 1,
            retry_in_ms=delay,
        )
        failed = replace(
            progress,
            attempts=progress.attempts + 1,
            retry_at=now + delay,
            failing_since=progress.failing_since or now,
            problem=reason,
        )
        await self.state.save(name, failed)

    async def _task_notices(self, cursor: int, now: int) -> tuple[list[Notice], int]:
        """The notices about tasks that have changed after ``cursor``, and up to which change."""
        found: list[Notice] = []
        for _ in range(MAX_PAGES):
            # From 0 on, since it does not matter here which deletions are forgotten.
            changed = await self.store.changed_after(cursor, PAGE_SIZE, since=0)
            ids = [task_id for task_id, _ in changed]
            states = zip(ids, await self.store.statuses(ids), strict=True)
            tasks = await self.store.tasks([each for each, state in states if state in TOLD_STATES])
            new = await self._new(
                [
                    notice
                    for task in tasks
                    if task
                    and task.provider == self.gate.provider
                    and (notice := notices.task_notice(task, self.channel))
                ]
            )
            by_task = {notice.task.id: notice for notice in new if isinstance(notice, TaskNotice)}
            for task_id, number in changed:
                notice = by_task.get(task_id)
                if notice and notices.is_expired(notice, now):
                    metrics.NOTIFICATIONS.labels("expired").inc()
                elif notice:
                    found.append(notice)
                cursor = number
                if len(found) == MAX_NOTICES:
                    return found, cursor
            if found or len(changed) < PAGE_SIZE:
                break
        return found, cursor

    async def _conditions(self, now: int) -> list[Notice]:
        """What holds at present and is sent once."""
        events, found = self.channel.events, list[Notice | None]()
        if EventKind.SUBMISSIONS_PAUSED in events and (pause := await self.gate.pause_state()):
            found.append(notices.pause_notice(pause))
        if EventKind.MODEL_SHUTDOWN in events and (ends := await self.fleet.model_shutdown()):
            found.append(notices.shutdown_notice(ends))
        if EventKind.BUDGET_WARNING in events:
            today = await self.store.ledger.today()
            if any(allowance.budget for allowance in today.allowances.values()):
                expected = usual_output_cost(None, await self.store.ledger.samples())
                found += notices.budget_notices(today, expected, self.channel)
        if EventKind.WEEKLY_DIGEST in events:
            digest = notices.digest_notice(now, self.settings.weekly_digest)
            if digest and not await self.state.told(self.channel.name, [digest.key]):
                entries = await self.store.ledger.entries(digest.until, notices.DIGEST_DAYS)
                if any(self.channel.concerns(entry.owner) for entry in entries):
                    found.append(replace(digest, entries=entries))
        return [notice for notice in found if notice]

    async def _new(self, candidates: Sequence[Notice]) -> list[Notice]:
        told = await self.state.told(self.channel.name, [notice.key for notice in candidates])
        return [notice for notice in candidates if notice.key not in told]

    async def _answer(self, notice: Notice) -> str | None:
        if not (self.channel.include_answer and isinstance(notice, TaskNotice)):
            return None
        body = await self.store.response(notice.task.id)
        response = None if body is None else Response.parse(body)
        return None if response is None else response.output_text[: MAX_ANSWER_CHARS + 1]


def _forget_at(notice: Notice, now: int) -> int:
    is_task = isinstance(notice, TaskNotice) and notice.kind is not EventKind.UNCONFIRMED
    return now + (TASKS_TOLD_FOR_MS if is_task else OTHERS_TOLD_FOR_MS)
