"""Each channel is told everything once, also after a crash, a failure or a long absence."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from services.poller.notifications import notices
from services.poller.notifications import notifier as module
from services.poller.notifications.channels import Channel, EventKind
from services.poller.notifications.messages import Message
from services.poller.notifications.notifier import MAX_NOTICES, PAGE_SIZE, ChannelNotifier
from shared.domain import changes
from shared.domain.changes import TaskResult
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.store import NotificationState, PollerRegistry, Store, SubmissionGate, keys
from tests.services.poller.notifications.channels_example import channel, notifications
from tests.shared import tasks

TIMELESS = [kind for kind in EventKind if kind not in {"model_shutdown", "weekly_digest"}]
"""Events that do not depend on the day of this test."""

ANSWER = (
    b'{"output": [{"type": "message", "role": "assistant", "content":'
    b' [{"type": "output_text", "text": "Slate.", "annotations": []}]}]}'
)


@dataclass
class FakeSender:
    """Keeps what it is sent, and fails with ``reason`` while there is one."""

    reason: str | None = None
    sent: list[Message] = field(default_factory=list)
    tried: int = 0

    async def send(self, channel: str, message: Message) -> str | None:
        assert channel == "team"
        self.tried += 1
        if self.reason is None:
            self.sent.append(message)
        return self.reason


@dataclass
class Room:
    """One channel and its surroundings."""

    redis: Redis
    store: Store
    gate: SubmissionGate
    sender: FakeSender = field(default_factory=FakeSender)

    @property
    def state(self) -> NotificationState:
        return NotificationState(self.redis, "openai")

    def notifier(self, to: Channel | None = None, poller: str = "one") -> ChannelNotifier:
        chosen = to or channel(events=TIMELESS)
        fleet = PollerRegistry(self.redis, "openai")
        return ChannelNotifier(
            chosen,
            notifications(chosen),
            poller,
            self.state,
            self.store,
            self.gate,
            fleet,
            self.sender,
            conditions_interval_ms=0,
        )

    async def run(self, notifier: ChannelNotifier) -> list[str]:
        """The titles of what one run sends; no time passes until the next one may run."""
        before = len(self.sender.sent)
        await self.redis.delete(keys.notification_lease("openai", "team"))
        await notifier.run()
        return [message.title for message in self.sender.sent[before:]]

    async def ended(self, status: Status = Status.COMPLETED, **fields: Any) -> Task:
        task = await tasks.submitting(self.store, **fields)
        task = await tasks.changed(
            self.store, changes.mark_in_progress(task, f"resp_{task.id}", None, 0, 0)
        )
        ending = TaskResult(status, response=ANSWER, answer_kind="text")
        return await tasks.changed(self.store, changes.finish(task, ending, polled=True))


@pytest.fixture
async def room(redis: Redis, store: Store, gate: SubmissionGate) -> Room:
    return Room(redis, store, gate)


async def test_what_ended_before_the_channel_was_set_is_not_told_and_the_next_end_is_once(
    room: Room,
) -> None:
    await room.ended(title="Old")
    notifier = room.notifier()
    assert await room.run(notifier) == []
    task = await room.ended(title="New")
    assert await room.run(notifier) == ["Backburner: Answer ready: New"]
    await room.store.annotate(task, {"title": "Renamed"})
    assert await room.run(notifier) == []
    assert await room.run(room.notifier(poller="another")) == []


async def test_a_poller_that_dies_before_it_saves_leaves_the_message_to_the_next(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await room.run(room.notifier())
    await room.ended(title="New")

    async def die(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(NotificationState, "save", die)
        with pytest.raises(ConnectionError):
            await room.run(room.notifier())
    assert await room.run(room.notifier(poller="next")) == ["Backburner: Answer ready: New"]
    assert len(room.sender.sent) == 2


async def test_one_poller_at_a_time_tells_a_channel(room: Room) -> None:
    await room.run(room.notifier())
    await room.ended()
    assert await room.state.acquire("team", "busy", 60_000) is False  # the pause after a run
    await room.redis.delete(keys.notification_lease("openai", "team"))
    assert await room.state.acquire("team", "busy", 60_000)
    await room.notifier().run()
    assert room.sender.tried == 0


async def test_a_failure_is_logged_and_tried_again_later_and_loses_nothing(room: Room) -> None:
    notifier = room.notifier()
    await room.run(notifier)
    room.sender.reason = "http_500"
    await room.ended(title="First")
    with capture_logs() as lines:
        await room.run(notifier)
    assert [line for line in lines if line["event"] == "notification_failed"] == [
        {
            "event": "notification_failed",
            "channel": "team",
            "reason": "http_500",
            "attempts": 1,
            "retry_in_ms": 30_000,
            "log_level": "warning",
        }
    ]
    failing = await room.state.progress("team")
    assert (failing.problem, failing.attempts) == ("http_500", 1)
    room.sender.reason = None
    await room.ended(title="Second")
    assert await room.run(notifier) == []
    key = keys.notification_progress("openai", "team")
    await room.redis.hset(key, "retry_at", 0)
    assert await room.run(notifier) == ["Backburner: 2 messages"]
    assert (await room.state.progress("team")).problem is None


async def test_many_ends_are_a_few_messages_and_none_is_left_out(room: Room) -> None:
    notifier = room.notifier()
    await room.run(notifier)
    ended = [await room.ended() for _ in range(MAX_NOTICES + 3)]
    titles = await room.run(notifier) + await room.run(notifier)
    assert titles == [f"Backburner: {MAX_NOTICES} messages", "Backburner: 3 messages"]
    text = "\n".join(message.body for message in room.sender.sent).splitlines()
    assert [line for line in text if line.startswith("task_")] == [task.id for task in ended]


async def test_pages_of_tasks_that_concern_nobody_are_passed_over(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE_SIZE", 3)
    assert PAGE_SIZE > 3
    notifier = room.notifier(channel(owners=["anna"]))
    await room.run(notifier)
    for _ in range(7):
        await room.ended(owner="bo")
    await room.ended(owner="anna", title="Hers")
    assert await room.run(notifier) == ["Backburner: Answer ready: Hers"]


async def test_the_answer_is_sent_only_if_the_operator_asked_for_it(room: Room) -> None:
    for include in (False, True):
        notifier = room.notifier(channel(include_answer=include))
        await room.run(notifier)
        await room.ended()
        await room.run(notifier)
        assert ("Slate." in room.sender.sent[-1].body) is include


async def test_a_pause_is_told_once_and_the_providers_words_are_not(room: Room) -> None:
    notifier = room.notifier()
    await room.run(notifier)
    await room.gate.close(PauseReason.BAD_KEY, "The key is refused.", 60_000, "It says sk-s3cret.")
    assert await room.run(notifier) == ["Backburner: No task is sent at present"]
    assert room.sender.sent[-1].body == "The key is refused."
    assert await room.run(notifier) == []


async def test_a_budget_that_fills_is_told_twice_a_day(room: Room) -> None:
    notifier = room.notifier(channel(events=["budget_warning"]))
    await room.store.ledger.set_budgets({"anna": 10_000_000_000})
    await room.run(notifier)
    day = (await room.store.ledger.today()).day
    told = []
    for spent in (7_000_000_000, 8_000_000_000, 8_100_000_000, 10_000_000_000, 10_000_000_000):
        await room.redis.hset(keys.spending("openai", day), "spent:anna", spent)
        told.append(await room.run(notifier))
    near, full = "Today's budget is used to 80 %", "Today's budget has no room for another task"
    assert told == [[], [f"Backburner: {near}"], [], [f"Backburner: {full}"], []]


async def test_a_week_without_tasks_has_no_digest_and_one_with_tasks_has_one(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = (await room.store.ledger.today()).day
    due = notices.DigestNotice(f"digest:{day}", EventKind.WEEKLY_DIGEST, day - 1)
    monkeypatch.setattr(notices, "digest_notice", lambda *_: due)
    notifier = room.notifier(channel(events=["weekly_digest"], owners=["anna"]))
    await room.run(notifier)
    await room.redis.hset(keys.spending("openai", day - 7), "cost:completed:bo", 10**6)
    assert await room.run(notifier) == []
    await room.redis.hset(keys.spending("openai", day - 7), "cost:completed:anna", 10**6)
    assert len(await room.run(notifier)) == 1
    assert "anna: $1.00" in room.sender.sent[-1].body
    assert await room.run(notifier) == []


async def test_a_store_that_was_replaced_starts_from_its_own_last_change(room: Room) -> None:
    notifier = room.notifier()
    await room.run(notifier)
    await room.redis.hset(keys.notification_progress("openai", "team"), "cursor", 10**9)
    assert await room.run(notifier) == []
    await room.ended(title="New")
    assert await room.run(notifier) == ["Backburner: Answer ready: New"]
