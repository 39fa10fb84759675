"""Every script keeps the ledger: a reservation is released once, and the cost is recorded.

The state machine in test_state_machine.py drives the same through every order of events.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.errors import BudgetExceeded, OwnerWithoutToken
from shared.domain.estimate import Sample, input_cost
from shared.domain.spending import INSTALLATION, TaskOutcome
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.domain.tombstone import DeletionOutcome
from shared.openai.model import ACTIVE
from shared.queue import queue_name
from shared.store import Allowance, Entry, Store, TaskDeletion, clock, keys
from tests.shared import tasks
from tests.shared.steps import (
    attach_id,
    cancel,
    doubt,
    give_up,
    poll_again,
    requeue,
    start,
    supersede,
)
from tests.shared.store.fake_clock_server import START, ClockedServer, connect

DAY_MS = 86_400_000
PRICE = ACTIVE.expected_cost
INPUT = input_cost(len(b"[]"))

Make = Callable[[Task], Change]
Bring = Callable[[Store], Awaitable[Task]]

COMPLETED = TaskResult(Status.COMPLETED, provider_status="completed", response=b"{}", cost=7)
UNKNOWN = TaskResult(Status.FAILED, "code", "message")


def claim(task: Task, reserve: int = PRICE) -> Change:
    return changes.claim(task, f"claim of {task.id}", 50_000, reserve)


def finish(task: Task) -> Change:
    return changes.finish(task, COMPLETED, polled=True)


def finish_unpriced(task: Task) -> Change:
    return changes.finish(task, UNKNOWN, polled=True)


def attach_answer(task: Task) -> Change:
    return changes.attach_answer(task, COMPLETED)


def attach_nothing(task: Task) -> Change:
    return changes.attach_answer(task, UNKNOWN)


async def submitting(store: Store, owner: str | None = None) -> Task:
    return await tasks.changed(store, claim(await tasks.accepted(store, owner=owner)))


async def running(store: Store, owner: str | None = None) -> Task:
    return await tasks.changed(store, start(await submitting(store, owner)))


async def held(store: Store, owner: str = "") -> tuple[int, int]:
    """What is reserved in all, and for one owner."""
    today = await store.ledger.today()
    return today.of(INSTALLATION).reserved, today.of(owner).reserved


async def entries(store: Store) -> list[tuple[str | None, str, int, int, int, int]]:
    today = await store.ledger.today()
    return [
        (each.owner, each.outcome, each.cost, each.tasks, each.unpriced, each.estimated)
        for each in await store.ledger.entries(today.day, 1)
    ]


async def wait_for_budget(store: Store, **fields: str) -> Task:
    """A task that has been refused by the budget."""
    task = await tasks.accepted(store, **fields)
    with pytest.raises(BudgetExceeded):
        await store.apply(claim(task))
    return await tasks.changed(store, changes.requeue(task, 60_000, PauseReason.BUDGET))


PATHS = {
    "completed": [start, finish],
    "failed": [start, finish_unpriced],
    "not taken": [requeue],
    "abandoned": [doubt, changes.abandon],
    "superseded": [doubt, supersede],
    "cancelled in doubt": [doubt, cancel],
    "cancelled and refused": [cancel, changes.mark_not_submitted],
    "cancelled, and the fate unknown": [cancel, changes.mark_fate_unknown],
    "cancelled, then found, then priced": [cancel, attach_id, attach_answer],
    "watched after a cancel": [start, cancel, poll_again, attach_answer],
    "watched after the deadline": [start, give_up, poll_again, attach_answer],
    "deleted while watched": [cancel, attach_id, changes.request_deletion],
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
async def test_a_reservation_stays_until_no_cost_can_follow_and_is_then_released(
    store: Store, path: list[Make]
) -> None:
    task = await submitting(store, "anna")
    assert await held(store, "anna") == (PRICE, PRICE)
    for make in path[:-1]:
        task = await tasks.changed(store, make(task))
        assert (task.reserved, await held(store, "anna")) == (PRICE, (PRICE, PRICE))
    task = await tasks.changed(store, path[-1](task))
    assert (task.reserved, await held(store, "anna")) == (None, (0, 0))


async def test_a_deletion_releases_the_reservation_of_a_task_of_unknown_fate(store: Store) -> None:
    """It was cancelled while it was being sent, and deleted before anybody told what came of it."""
    task = await tasks.changed(store, cancel(await submitting(store)))
    task = await tasks.changed(store, changes.request_deletion(task))
    assert await held(store) == (PRICE, PRICE)
    removal = TaskDeletion(task, DeletionOutcome.UNKNOWN)
    for _ in range(2):  # the reply was lost, and the script is sent again
        assert await store.delete(removal)
        assert await held(store) == (0, 0)
    assert await entries(store) == [(None, "cancelled", 0, 1, 1, PRICE)]


ENTRIES = {
    "completed": (tasks.in_progress, [finish], ("completed", 7, 1, 0, 0)),
    "no usage": (tasks.in_progress, [finish_unpriced], ("failed", 0, 1, 1, PRICE)),
    "refused": (tasks.submitting, [finish_unpriced], ("failed", 0, 1, 0, 0)),
    "watched still": (tasks.in_progress, [cancel], ("cancelled", 0, 1, 0, 0)),
    "late cost": (tasks.in_progress, [cancel, attach_answer], ("cancelled", 7, 1, 0, 0)),
    "never known": (tasks.in_progress, [cancel, attach_nothing], ("cancelled", 0, 1, 1, PRICE)),
    "deadline": (tasks.in_progress, [give_up, attach_answer], ("failed", 7, 1, 0, 0)),
    "too late": (tasks.in_progress, [give_up, attach_nothing], ("failed", 0, 1, 1, PRICE)),
    "abandoned": (tasks.unconfirmed, [changes.abandon], ("abandoned", 0, 1, 1, PRICE)),
    "superseded": (tasks.unconfirmed, [supersede], ("superseded", 0, 1, 1, PRICE)),
    "superseded, then found": (
        tasks.unconfirmed,
        [supersede, attach_id, attach_answer],
        ("superseded", 7, 1, 0, 0),
    ),
    "superseded, then found without a price": (
        tasks.unconfirmed,
        [supersede, attach_id, attach_nothing],
        ("superseded", 0, 1, 1, PRICE),
    ),
    "abandoned, then deleted": (
        tasks.unconfirmed,
        [changes.abandon, changes.request_deletion],
        ("abandoned", 0, 1, 1, PRICE),
    ),
    "never sent": (tasks.accepted, [cancel], ("cancelled", 0, 1, 0, 0)),
    "not taken": (
        tasks.submitting,
        [cancel, changes.mark_not_submitted],
        ("cancelled", 0, 1, 0, 0),
    ),
}


@pytest.mark.parametrize(("bring", "path", "entry"), ENTRIES.values(), ids=ENTRIES)
async def test_the_ledger_records_the_outcome_and_the_cost(
    store: Store, bring: Bring, path: list[Make], entry: tuple[str, int, int, int, int]
) -> None:
    task = await bring(store)
    for make in path:
        task = await tasks.changed(store, make(task))
    assert await entries(store) == [(None, *entry)]
    *_, cost, _, _, estimated = entry
    assert (await store.ledger.today()).of(INSTALLATION).spent == cost + estimated
    assert task.estimated_cost == (estimated or None)


async def test_a_price_that_arrives_on_another_day_replaces_the_estimate_of_the_day_before() -> (
    None
):
    server = ClockedServer()
    redis = connect(server)
    store = Store(redis, "openai", confirm=False)
    task = await tasks.changed(store, supersede(await tasks.unconfirmed(store)))
    assert task.estimated_cost == PRICE
    server.now += DAY_MS
    task = await tasks.changed(store, attach_answer(await tasks.changed(store, attach_id(task))))
    assert task.estimated_cost is None
    today = await store.ledger.today()
    assert await store.ledger.entries(today.day, 2) == [
        Entry(today.day, None, TaskOutcome.SUPERSEDED, 7, 0, 0),
        Entry(today.day - 1, None, TaskOutcome.SUPERSEDED, 0, 1, 0),
    ]
    assert today.of(INSTALLATION).spent == 7
    before = await redis.hgetall(keys.spending("openai", today.day - 1))
    assert {before[b"spent:*"], before[b"spent:"]} == {b"0"}
    await redis.aclose()


async def test_costs_are_recorded_by_owner_and_in_total(store: Store) -> None:
    for owner in ("anna", "bo", "anna", None):
        await tasks.changed(store, finish(await running(store, owner)))
    assert await entries(store) == [
        (None, "completed", 7, 1, 0, 0),
        ("anna", "completed", 14, 2, 0, 0),
        ("bo", "completed", 7, 1, 0, 0),
    ]
    today = await store.ledger.today()
    assert {scope: each.spent for scope, each in today.allowances.items()} == {
        "": 7,
        "*": 28,
        "anna": 14,
        "bo": 7,
    }


async def test_concurrent_claims_never_exceed_the_budget(store: Store) -> None:
    await store.ledger.set_budgets({INSTALLATION: 10 * PRICE + PRICE - 1})
    waiting = [await tasks.accepted(store) for _ in range(40)]
    outcomes = await asyncio.gather(
        *(store.apply(claim(task)) for task in waiting), return_exceptions=True
    )
    assert sum(isinstance(each, Task) for each in outcomes) == 10
    assert sum(isinstance(each, BudgetExceeded) for each in outcomes) == 30
    assert await held(store) == (10 * PRICE, 10 * PRICE)


async def test_a_claim_sent_twice_reserves_once(store: Store) -> None:
    task = await tasks.accepted(store)
    for _ in range(2):
        assert await store.apply(claim(task), token="the same")
    assert await held(store) == (PRICE, PRICE)


async def test_a_claim_over_an_owners_budget_changes_nothing_and_stops_nobody_else(
    store: Store,
) -> None:
    await store.ledger.set_budgets({"anna": 2 * PRICE - 1})
    await submitting(store, "anna")
    task = await tasks.accepted(store, owner="anna")
    with pytest.raises(BudgetExceeded) as refused:
        await store.apply(claim(task))
    assert 0 < refused.value.resets_in <= DAY_MS
    assert (await store.load(task.id)).task == task
    await submitting(store, "bo")
    await submitting(store)


@pytest.mark.parametrize(("sent_before", "active"), [(True, ["anna"]), (False, None)])
async def test_an_owner_claims_only_with_a_token_or_where_nobody_needs_one(
    store: Store, active: list[str] | None, *, sent_before: bool
) -> None:
    if sent_before:
        await submitting(store, "anna")
    task = await tasks.accepted(store, owner="anna")
    await store.ledger.set_budgets({INSTALLATION: 0, "anna": 0}, owners=[])
    with pytest.raises(OwnerWithoutToken):
        await store.apply(claim(task))
    assert (await store.load(task.id)).task == task
    await store.ledger.set_budgets({}, owners=["bo"])
    with pytest.raises(OwnerWithoutToken):
        await store.apply(claim(task))
    await submitting(store, "bo")
    await submitting(store)  # from before there were owners
    assert await store.ledger.set_budgets({}, owners=active)
    await tasks.changed(store, claim(task))


async def test_an_owner_can_be_removed_while_no_api_runs(store: Store, redis: Redis) -> None:
    await store.ledger.set_budgets({"anna": 10 * PRICE}, owners=["anna"])
    for _ in range(2):
        await store.ledger.remove_owner("anna")
        with pytest.raises(OwnerWithoutToken):
            await submitting(store, "anna")
    await redis.delete(keys.active_owners("openai"))
    await store.ledger.remove_owner("anna")
    await submitting(store, "anna")


async def test_only_todays_spending_of_this_provider_counts(store: Store, redis: Redis) -> None:
    today = await clock.now(redis) // DAY_MS
    await store.ledger.set_budgets({INSTALLATION: PRICE})
    await redis.hset(keys.spending("openai", today - 1), f"spent:{INSTALLATION}", 10**9)
    await redis.hset(keys.spending("simulator", today), f"spent:{INSTALLATION}", 10**9)
    first = await running(store)
    await tasks.changed(store, finish(first))
    with pytest.raises(BudgetExceeded):  # seven micro-dollars are missing
        await submitting(store)


async def test_at_midnight_the_budget_resets_except_for_running_tasks() -> None:
    server = ClockedServer()
    server.now = START - START % DAY_MS + DAY_MS - 1
    redis = connect(server)
    store = Store(redis, "openai", confirm=False)
    await store.ledger.set_budgets({INSTALLATION: 2 * PRICE})
    await submitting(store)
    await tasks.changed(store, finish(await running(store)))
    with pytest.raises(BudgetExceeded) as refused:
        await submitting(store)
    assert refused.value.resets_in == 1
    server.now += 1
    await submitting(store)
    with pytest.raises(BudgetExceeded) as refused:
        await submitting(store)
    assert refused.value.resets_in == DAY_MS
    await redis.aclose()


async def test_the_tasks_that_waited_longest_are_tried_when_budget_is_released(
    store: Store, redis: Redis
) -> None:
    await store.ledger.set_budgets({INSTALLATION: PRICE + 7})
    first = await running(store)
    waiting = [await wait_for_budget(store) for _ in range(10)]
    jobs = [f"submit:{task.id}:1".encode() for task in waiting]
    before = await redis.zrange(queue_name("openai"), 0, -1, withscores=True)
    now = await clock.now(redis)
    await tasks.changed(store, finish(first))
    after = dict(await redis.zrange(queue_name("openai"), 0, -1, withscores=True))
    assert all(dict(before)[job] > now + 50_000 for job in jobs)
    assert [after[job] <= await clock.now(redis) for job in jobs] == [True] * 8 + [False] * 2
    assert set(after) == {name for name, _ in before}


@pytest.mark.parametrize(
    "make", [claim, cancel, requeue, doubt, lambda task: changes.poison(task, "broken")]
)
async def test_a_task_that_stops_waiting_for_the_budget_is_not_counted_as_waiting(
    store: Store, make: Make
) -> None:
    await store.ledger.set_budgets({INSTALLATION: 0})
    task = await wait_for_budget(store)
    again = await tasks.changed(store, changes.requeue(task, 60_000, PauseReason.BUDGET))
    assert (await store.counts()).waiting == 1
    await store.ledger.set_budgets({})
    await tasks.changed(store, make(again))
    assert (await store.counts()).waiting == 0


async def test_no_job_is_created_for_a_waiting_task_whose_job_is_gone(
    store: Store, redis: Redis
) -> None:
    """It runs at this moment, or was lost: then the sweep restores it."""
    await store.ledger.set_budgets({INSTALLATION: PRICE})
    first = await running(store)
    await wait_for_budget(store)
    await redis.delete(queue_name("openai"))
    await tasks.changed(store, finish(first))
    assert await redis.zcard(queue_name("openai")) == 0


async def test_only_an_answer_of_the_provider_to_a_request_of_known_time_is_a_sample(
    store: Store, redis: Redis
) -> None:
    sent = []
    for ending in (COMPLETED, TaskResult(Status.INCOMPLETE, duration_ms=1_500), UNKNOWN):
        task = await tasks.in_progress(store)
        sent.append(task.submitted_at)
        ended = await tasks.changed(store, changes.finish(task, ending, polled=True))
        await tasks.changed(store, changes.request_deletion(ended))
    await tasks.changed(store, attach_answer(await tasks.watched(store)))
    task = await tasks.in_progress(store)
    await redis.hdel(keys.record(task.id), "submitted_at")
    await tasks.changed(store, finish(task))
    last, first = await store.ledger.samples()
    assert last == Sample(1_500, None, sent[1] or 0, None, None)
    assert (first.cost, first.sent_at) == (7, sent[0])
    assert 0 <= first.duration < 10_000


async def test_the_samples_are_those_of_the_latest_tasks(store: Store, redis: Redis) -> None:
    await redis.rpush(keys.samples("openai"), *(f"{number} 1 2" for number in range(300)))
    ending = TaskResult(Status.COMPLETED, duration_ms=5, cost=3)
    task = await tasks.in_progress(store)
    await tasks.changed(store, changes.finish(task, ending, polled=True))
    samples = await store.ledger.samples()
    assert task.submitted_at is not None
    assert (samples[0], len(samples)) == (Sample(5, 3, task.submitted_at, max(3 - INPUT, 0)), 200)
    assert samples[-1] == Sample(198, 1, 2, 1)  # written before owners had samples of their own


async def test_samples_belong_to_their_owner_and_leave_out_the_input_cost(
    store: Store,
) -> None:
    large = b'["%b"]' % (b"x" * 36)
    for output_cost in range(10, 0, -1):
        cost = input_cost(len(large)) + output_cost
        task = await tasks.submitting(store, owner="anna", conversation=large)
        task = await tasks.changed(store, start(task))
        done = TaskResult(Status.COMPLETED, duration_ms=5, cost=cost)
        await tasks.changed(store, changes.finish(task, done, polled=True))
    assert task.submitted_at is not None
    samples = await store.ledger.samples("anna")
    assert samples[0] == Sample(5, input_cost(len(large)) + 1, task.submitted_at, 1, "anna")
    assert (len(samples), await store.ledger.samples()) == (10, samples)
    assert await store.ledger.samples("bo") == []
    assert await store.ledger.expected_cost(task) == input_cost(len(large)) + 9
    assert await store.ledger.expected_cost(await tasks.accepted(store, owner="bo")) > PRICE


async def test_allowances_show_limit_spending_and_reservations_of_the_day(store: Store) -> None:
    await store.ledger.set_budgets({INSTALLATION: 100 * PRICE, "anna": PRICE})
    await submitting(store, "anna")
    today = await store.ledger.today()
    assert today.of(INSTALLATION) == Allowance(100 * PRICE, 0, PRICE)
    assert today.of("anna") == Allowance(PRICE, 0, PRICE)
    assert today.of("bo") == Allowance(None, 0, 0)
    assert 0 < today.ends_in <= DAY_MS


async def test_a_period_ends_today_and_goes_back_as_many_days(store: Store, redis: Redis) -> None:
    today = await clock.now(redis) // DAY_MS
    for day in (today + 1, today, today - 2, today - 3):
        await redis.hset(keys.spending("openai", day), "cost:failed:anna", 5)
    assert await store.ledger.entries(today, 3) == [
        Entry(day, "anna", TaskOutcome.FAILED, 5, 0, 0) for day in (today, today - 2)
    ]


async def test_budgets_are_replaced_whole_and_only_when_they_change(store: Store) -> None:
    assert await store.ledger.set_budgets({INSTALLATION: 1, "anna": 2})
    assert not await store.ledger.set_budgets({"anna": 2, INSTALLATION: 1})
    assert await store.ledger.set_budgets({"bo": 3})
    assert (await store.ledger.today()).allowances == {"bo": Allowance(3, 0, 0)}
    assert await store.ledger.set_budgets({})
    assert (await store.ledger.today()).allowances == {}
