"""Every event is delivered at least once, in turns; an endpoint that always fails is disabled."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from redis.asyncio import Redis

from services.poller.decisions.webhook import RETRY_DELAYS_MS, Attempt
from services.poller.webhooks.message import Message
from services.poller.webhooks.sender import Route
from services.poller.webhooks.turns import BATCH_SIZE, WebhookTurns
from shared.domain import changes
from shared.domain.changes import TaskResult
from shared.domain.states import Status
from shared.domain.task import Task
from shared.domain.webhook_address import Target
from shared.domain.webhooks import Endpoint, EventType
from shared.store import Store, WebhookDeliveries, WebhookEndpoints, WebhookSecrets, keys
from shared.store.webhook_events import MAX_WAITING
from shared.store.webhook_secrets import new_secret
from tests.shared import tasks

OK, DOWN, GONE = Attempt(200, None, 5), Attempt(500, None, 5), Attempt(410, None, 5)
ID = "we_" + 32 * "0"
FIELDS = {
    "url": "https://hooks.example/",
    "events": " ".join(EventType),
    "tasks": "all",
    "format": "backburner",
    "description": "",
}


@dataclass
class Receiver:
    """A sender whose receiver answers as the test says; ``before`` runs before each answer."""

    answer: Attempt = OK
    sent: list[str] = field(default_factory=list)
    before: Callable[[], object] = lambda: None

    async def route(self, _: str) -> Route:
        return Route(Target("https", "hooks.example", 443, "/"), [])

    async def post(self, _: Route, message: Message) -> Attempt:
        self.before()
        self.sent.append(message.headers["webhook-id"])
        return self.answer

    async def close(self) -> None: ...


@dataclass
class Hooks:
    """The endpoints of a store, and a poller that delivers to them."""

    redis: Redis
    endpoints: WebhookEndpoints
    deliveries: WebhookDeliveries
    receiver: Receiver
    delays_ms: tuple[int, ...] = (0, 0)

    async def add(self, endpoint_id: str = ID, owner: str | None = None, **fields: str) -> None:
        assert await self.endpoints.create(owner, endpoint_id, FIELDS | fields, new_secret())

    async def endpoint(self) -> Endpoint:
        return await self.endpoints.load(None, ID)

    async def log(self) -> list[tuple[str, int, str]]:
        found = await self.endpoints.deliveries(None, ID)
        return [(each.event_id, each.attempt, each.outcome) for each in reversed(found)]

    async def turn(self, lease_ms: int = 30_000, room: int = 1) -> list[str]:
        """One turn of each endpoint that is due, up to ``room``; their ids."""
        turns = WebhookTurns(
            self.deliveries,
            self.receiver,  # type: ignore[arg-type] -- a stand-in
            lambda: 0.0,
            self.delays_ms,
        )
        leases = await self.deliveries.claim(room, lease_ms)
        for lease in leases:
            await turns.take(lease)
        return [lease.endpoint_id for lease in leases]


@pytest.fixture
def hooks(redis: Redis) -> Hooks:
    secrets = WebhookSecrets(redis)
    return Hooks(
        redis, WebhookEndpoints(redis, secrets), WebhookDeliveries(redis, secrets), Receiver()
    )


async def completed(store: Store, **fields: object) -> Task:
    task = await tasks.in_progress(store, **fields)
    ending = TaskResult(Status.COMPLETED, response=b"{}", cost=1_500_000)
    return await tasks.changed(store, changes.finish(task, ending, polled=True))


async def test_row_46_an_end_is_delivered_once_and_leaves_nothing_behind(
    hooks: Hooks, store: Store
) -> None:
    await hooks.add()
    task = await completed(store)
    assert (await hooks.endpoint()).waiting == 1
    assert await hooks.turn() == [ID]
    assert await hooks.turn() == []
    event = f"evt_{task.id.removeprefix('task_')}_completed"
    assert hooks.receiver.sent == [event]
    assert await hooks.log() == [(event, 1, "delivered")]
    assert (await hooks.endpoint()).waiting == 0
    for key in (keys.webhook_events(ID), keys.webhook_attempts(ID), keys.WEBHOOK_QUEUE):
        assert not await hooks.redis.exists(key)


async def test_each_state_that_somebody_must_know_is_an_event_and_no_other(
    hooks: Hooks, store: Store
) -> None:
    await hooks.add()
    await tasks.in_progress(store)
    await tasks.unconfirmed(store)
    for kind in ("text", "empty"):  # the second was cancelled there, too
        watched = await tasks.watched(store)
        late = TaskResult(Status.COMPLETED, response=b"{}", answer_kind=kind)
        await tasks.changed(store, changes.attach_answer(watched, late))
    turn = await hooks.deliveries.load(ID, 100)
    assert turn
    assert sorted(event.type for event, _ in turn.due) == [
        "task.cancelled",
        "task.cancelled",
        "task.late_answer",
        "task.unconfirmed",
    ]


async def test_a_failure_is_repeated_with_the_same_id_until_the_receiver_confirms(
    hooks: Hooks, store: Store
) -> None:
    await hooks.add()
    await completed(store)
    hooks.receiver.answer = DOWN
    await hooks.turn()
    assert (await hooks.endpoint()).failing_since is not None
    hooks.receiver.answer = OK
    await hooks.turn()
    assert len(set(hooks.receiver.sent)) == 1
    assert [outcome for _, _, outcome in await hooks.log()] == ["retrying", "delivered"]
    assert (await hooks.endpoint()).failing_since is None


async def test_retries_wait_as_standard_webhooks_says(hooks: Hooks, store: Store) -> None:
    hooks.delays_ms = tuple(RETRY_DELAYS_MS)
    await hooks.add()
    await completed(store)
    hooks.receiver.answer = DOWN
    await hooks.turn()
    assert await hooks.turn() == []
    (entry,) = await hooks.endpoints.deliveries(None, ID)
    assert entry.retry_after == 5_000
    assert sum(RETRY_DELAYS_MS) == 1000 * (5 + 60 * (5 + 30) + 3600 * (2 + 5 + 10 + 14 + 20 + 24))


async def test_all_attempts_in_vain_disable_the_endpoint_and_enabling_it_goes_on(
    hooks: Hooks, store: Store
) -> None:
    await hooks.add()
    await completed(store)
    hooks.receiver.answer = DOWN
    for _ in range(3):
        await hooks.turn()
    await completed(store)  # not written: nobody would take it
    endpoint = await hooks.endpoint()
    assert endpoint.disabled_reason
    assert "status 500" in endpoint.disabled_reason
    assert endpoint.waiting == 0
    assert [outcome for *_, outcome in await hooks.log()] == ["retrying", "retrying", "given_up"]
    await hooks.endpoints.update(None, ID, {}, disabled=False)
    hooks.receiver.answer = OK
    await completed(store)
    assert await hooks.turn() == [ID]
    assert (await hooks.endpoint()).disabled_reason is None


async def test_the_answer_410_disables_at_once_and_keeps_what_else_waits(
    hooks: Hooks, store: Store
) -> None:
    await hooks.add()
    for _ in range(BATCH_SIZE + 2):
        await completed(store)
    hooks.receiver.answer = GONE
    await hooks.turn()
    endpoint = await hooks.endpoint()
    assert endpoint.disabled_reason == "Disabled because the receiver answered 410."
    assert endpoint.waiting == 2
    assert await hooks.turn() == []
    hooks.receiver.answer = OK
    await hooks.endpoints.update(None, ID, {}, disabled=False)
    await hooks.turn()
    assert (await hooks.endpoint()).waiting == 0


async def test_an_endpoint_in_use_is_given_to_no_other_poller_until_its_lease_ends(
    hooks: Hooks, store: Store
) -> None:
    await hooks.add()
    await completed(store)
    assert await hooks.deliveries.claim(1, 30_000)
    await completed(store)
    assert await hooks.turn() == []  # the first poller was killed; its lease lasts
    await hooks.redis.hset(keys.webhook_endpoint(ID), "leased_until", 1)
    await hooks.redis.zadd(keys.WEBHOOK_QUEUE, {ID: 1})
    assert await hooks.turn() == [ID]
    assert len(hooks.receiver.sent) == 2


async def test_an_event_that_comes_during_a_turn_gets_the_next_one(
    hooks: Hooks, store: Store
) -> None:
    await hooks.add()
    await completed(store)
    (lease,) = await hooks.deliveries.claim(1, 30_000)
    turn = await hooks.deliveries.load(ID, BATCH_SIZE)
    assert turn
    await completed(store)
    await hooks.deliveries.release(lease)
    assert await hooks.turn() == [ID]
    assert len(hooks.receiver.sent) == 2


async def test_one_endpoint_with_many_events_keeps_no_other_waiting(
    hooks: Hooks, store: Store
) -> None:
    other = "we_" + 32 * "1"
    await hooks.add()
    await hooks.add(other, events="task.failed")
    for _ in range(2 * BATCH_SIZE):
        await completed(store)
    failing = await tasks.in_progress(store)
    await tasks.changed(store, changes.fail(failing, "code", "message", 25_000))
    assert [await hooks.turn() for _ in range(3)] == [[ID], [other], [ID]]
    assert len(hooks.receiver.sent) == 2 * BATCH_SIZE + 1


async def test_a_lease_is_renewed_by_its_holder_alone(hooks: Hooks, store: Store) -> None:
    await hooks.add()
    await completed(store)
    (frozen,) = await hooks.deliveries.claim(1, 0)
    await hooks.deliveries.renew(frozen, 30_000)
    assert await hooks.deliveries.claim(1, 30_000) == []
    await hooks.deliveries.renew(frozen, 0)
    (current,) = await hooks.deliveries.claim(1, 0)
    await hooks.deliveries.renew(frozen, 30_000)
    assert [lease.token for lease in await hooks.deliveries.claim(1, 30_000)] != [current.token]


async def test_a_poller_that_was_frozen_takes_no_lease_from_the_next_one(
    hooks: Hooks, store: Store
) -> None:
    await hooks.add()
    await completed(store)
    (frozen,) = await hooks.deliveries.claim(1, 0)
    (current,) = await hooks.deliveries.claim(1, 30_000)
    await hooks.deliveries.release(frozen)
    assert await hooks.deliveries.claim(1, 30_000) == []
    await hooks.deliveries.release(current)
    assert await hooks.turn() == [ID]


async def test_a_deleted_endpoint_is_forgotten_during_its_turn(hooks: Hooks, store: Store) -> None:
    await hooks.add()
    await completed(store)
    (lease,) = await hooks.deliveries.claim(1, 30_000)
    turn = await hooks.deliveries.load(ID, BATCH_SIZE)
    assert turn
    await hooks.endpoints.delete(None, ID)
    await hooks.deliveries.release(lease)
    await completed(store)
    assert await hooks.redis.keys("*webhook_*") == []


async def test_what_waits_for_one_endpoint_is_bounded(hooks: Hooks, store: Store) -> None:
    await hooks.add()
    waiting = {f"evt_{number}": 1 for number in range(MAX_WAITING)}
    await hooks.redis.zadd(keys.webhook_pending(ID), waiting)
    await completed(store)
    endpoint = await hooks.endpoint()
    assert endpoint.waiting == MAX_WAITING
    assert endpoint.disabled_reason
    assert "5,000 events wait" in endpoint.disabled_reason


async def test_events_go_to_the_owner_of_the_task_while_it_has_a_token(
    hooks: Hooks, store: Store
) -> None:
    await hooks.add(owner="alice")
    await completed(store)
    await completed(store, owner="bob")
    assert await hooks.turn() == []
    await completed(store, owner="alice")
    assert await hooks.turn() == [ID]
    task = await tasks.in_progress(store, owner="alice")
    await hooks.redis.sadd(keys.active_owners("openai"), "bob")
    await tasks.changed(store, changes.fail(task, "code", "message", 25_000))
    assert await hooks.turn() == []


async def test_a_secret_under_a_lost_key_is_a_failure_that_the_owner_sees(
    hooks: Hooks, store: Store
) -> None:
    await hooks.add()
    await hooks.redis.hset(keys.webhook_endpoint(ID), "secret", "not ours")
    await completed(store)
    await hooks.turn()
    (entry,) = await hooks.endpoints.deliveries(None, ID)
    assert (entry.error, entry.outcome) == ("secret_unreadable", "retrying")
