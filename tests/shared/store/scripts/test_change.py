"""A change is carried out whole, once, and only on the record it was computed from."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from arq.jobs import deserialize_job_raw
from fakeredis import FakeAsyncRedis, FakeServer
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from shared import queue
from shared.domain import changes
from shared.domain.changes import (
    Change,
    TaskResult,
    abandon,
    mark_fate_unknown,
    mark_not_submitted,
    request_deletion,
)
from shared.domain.errors import TaskNotFound
from shared.domain.states import OPEN, TERMINAL, TRANSITIONS, PauseReason, Status
from shared.domain.task import Task
from shared.store import Store, clock, keys
from tests.shared import tasks
from tests.shared.steps import (
    adopt,
    attach_id,
    cancel,
    doubt,
    give_up,
    poison,
    poll_again,
    restart,
    start,
    supersede,
)
from tests.shared.store.dump import contents

Make = Callable[[Task], Change]
Bring = Callable[[Store], Awaitable[Task]]

COMPLETED = TaskResult(Status.COMPLETED, response=b'{"id": "resp_1"}', usage=b'{"a":1}', cost=7)
FAILED = TaskResult(Status.FAILED, "code", "message")


def claim(task: Task) -> Change:
    return changes.claim(task, "mine", 50_000)


def claim_of_another(task: Task) -> Change:
    return changes.claim(task, "another's", 50_000)


def requeue(task: Task) -> Change:
    return changes.requeue(task, 2_000, PauseReason.QUOTA)


def complete(task: Task) -> Change:
    return changes.finish(task, COMPLETED, polled=True)


def fail(task: Task) -> Change:
    return changes.finish(task, FAILED, polled=False)


def refuse_adoption(task: Task) -> Change:
    return changes.refuse_adoption(task, "message")


def attach_answer(task: Task) -> Change:
    return changes.attach_answer(task, COMPLETED)


def try_deletion_again(task: Task) -> Change:
    return changes.retry_deletion(task, "a problem", 4_000)


EVERY = (
    *(claim, claim_of_another, start, requeue, doubt, poll_again, restart, complete, fail),
    *(cancel, give_up, abandon, supersede, poison),
    *(adopt, refuse_adoption, attach_id, attach_answer),
    *(mark_not_submitted, mark_fate_unknown, request_deletion, try_deletion_again),
)

CARRIED_OUT: dict[str, tuple[Bring, Make, Status]] = {
    "claim": (tasks.accepted, claim, Status.SUBMITTING),
    "start": (tasks.submitting, start, Status.IN_PROGRESS),
    "start after doubt": (tasks.unconfirmed, start, Status.IN_PROGRESS),
    "requeue a refused one": (tasks.submitting, requeue, Status.QUEUED),
    "requeue a waiting one": (tasks.accepted, requeue, Status.QUEUED),
    "doubt": (tasks.submitting, doubt, Status.UNCONFIRMED),
    "poll again": (tasks.in_progress, poll_again, Status.IN_PROGRESS),
    "restart": (tasks.in_progress, restart, Status.IN_PROGRESS),
    "complete": (tasks.in_progress, complete, Status.COMPLETED),
    "refuse": (tasks.submitting, fail, Status.FAILED),
    "cancel a waiting one": (tasks.accepted, cancel, Status.CANCELLED),
    "cancel one that is being sent": (tasks.submitting, cancel, Status.CANCELLED),
    "cancel an uncertain one": (tasks.unconfirmed, cancel, Status.CANCELLED),
    "cancel one that is being checked": (tasks.adopting, cancel, Status.CANCELLED),
    "cancel a running one": (tasks.in_progress, cancel, Status.CANCELLED),
    "give up a running one": (tasks.in_progress, give_up, Status.FAILED),
    "abandon": (tasks.unconfirmed, abandon, Status.FAILED),
    "supersede": (tasks.unconfirmed, supersede, Status.FAILED),
    "poison a waiting one": (tasks.accepted, poison, Status.FAILED),
    "poison a running one": (tasks.in_progress, poison, Status.FAILED),
    "adopt": (tasks.unconfirmed, adopt, Status.UNCONFIRMED),
    "adopt once more": (tasks.adopting, adopt, Status.UNCONFIRMED),
    "refuse adoption": (tasks.adopting, refuse_adoption, Status.UNCONFIRMED),
    "start an adopted one": (tasks.adopting, start, Status.IN_PROGRESS),
    "attach an id": (tasks.cancelled_unsent, attach_id, Status.CANCELLED),
    "attach an answer": (tasks.watched, attach_answer, Status.CANCELLED),
    "poll what is watched": (tasks.watched, poll_again, Status.CANCELLED),
    "restart what is watched": (tasks.watched, restart, Status.CANCELLED),
    "refuse after the end": (tasks.cancelled_unsent, mark_not_submitted, Status.CANCELLED),
    "lose after the end": (tasks.cancelled_unsent, mark_fate_unknown, Status.CANCELLED),
    "have it deleted": (tasks.watched, request_deletion, Status.CANCELLED),
    "delete in vain": (tasks.deleting, try_deletion_again, Status.CANCELLED),
    "attach an id while deleting": (tasks.deleting, attach_id, Status.CANCELLED),
    "refuse while deleting": (tasks.deleting, mark_not_submitted, Status.CANCELLED),
    "lose while deleting": (tasks.deleting, mark_fate_unknown, Status.CANCELLED),
}


def waited_for(task: Task) -> bool:
    """Whether somebody must come back to the task."""
    on_its_way = task.status in OPEN - {Status.UNCONFIRMED}
    told_soon = task.ended_from is Status.SUBMITTING and task.response_id is None
    waiting = task.adopting or task.watch_until or task.deletion_requested_at
    return on_its_way or told_soon or waiting is not None


async def placed(redis: Redis, task_id: str) -> tuple[set[Status], bool]:
    """The states whose index names the task, and whether the sweep will look at it."""
    listed = {
        status for status in Status if await redis.zscore(keys.status(status), task_id) is not None
    }
    return listed, await redis.zscore(keys.sweep_queue("openai"), task_id) is not None


@pytest.mark.parametrize(("bring", "make", "after"), CARRIED_OUT.values(), ids=CARRIED_OUT)
async def test_a_change_moves_the_record_and_its_indexes_together_and_only_once(
    store: Store, redis: Redis, bring: Bring, make: Make, after: Status
) -> None:
    task = await bring(store)
    change = make(task)
    changed = await tasks.changed(store, change, "token")
    assert changed == (await store.load(task.id)).task
    assert changed.status is after
    assert changed.version == task.version + change.visible
    assert await placed(redis, task.id) == ({after}, waited_for(changed))
    before = await contents(redis)
    assert await store.apply(change, token="token") == changed
    assert await contents(redis) == before


OVERTAKEN = {
    "claimed by another": (tasks.accepted, [claim_of_another], claim),
    "claim of an old generation": (tasks.accepted, [requeue], claim),
    "requeued twice": (tasks.accepted, [requeue], requeue),
    "requeued, though claimed": (tasks.accepted, [claim], requeue),
    "start with a lost claim": (tasks.submitting, [requeue, claim_of_another], start),
    "doubt with a lost claim": (tasks.submitting, [requeue, claim_of_another], doubt),
    "refusal with a lost claim": (tasks.submitting, [requeue, claim_of_another], fail),
    "requeue with a lost claim": (tasks.submitting, [requeue, claim_of_another], requeue),
    "doubted, though started": (tasks.submitting, [start], doubt),
    "requeued, though in doubt": (tasks.submitting, [doubt], requeue),
    "second response id": (tasks.in_progress, [], start),
    "poll of an old chain": (tasks.in_progress, [restart], poll_again),
    "one poll noted twice": (tasks.in_progress, [poll_again], poll_again),
    "restart of a living chain": (tasks.in_progress, [poll_again], restart),
    "poll after the end": (tasks.in_progress, [complete], poll_again),
    "second end": (tasks.in_progress, [complete], fail),
    "cancelled, though completed": (tasks.in_progress, [complete], cancel),
    "completed, though cancelled": (tasks.in_progress, [cancel], complete),
    "cancel that overlooks a poll": (tasks.in_progress, [poll_again], cancel),
    "giving up over a poll": (tasks.in_progress, [poll_again], give_up),
    "poisoned, though it went on": (tasks.in_progress, [poll_again], poison),
    "poisoned, though restarted": (tasks.in_progress, [restart], poison),
    "poisoned, though it waits its turn": (tasks.accepted, [requeue], poison),
    "cancelled as waiting, though claimed": (tasks.accepted, [claim], cancel),
    "claimed, though cancelled": (tasks.accepted, [cancel], claim),
    "started, though cancelled": (tasks.submitting, [cancel], start),
    "requeued, though cancelled": (tasks.submitting, [cancel], requeue),
    "refused, though cancelled": (tasks.submitting, [cancel], fail),
    "abandoned, though found": (tasks.unconfirmed, [start], abandon),
    "superseded, though found": (tasks.unconfirmed, [start], supersede),
    "adopted, though found": (tasks.unconfirmed, [start], adopt),
    "superseded, though abandoned": (tasks.unconfirmed, [abandon], supersede),
    "refusal of an old check": (tasks.adopting, [adopt], refuse_adoption),
    "refusal twice": (tasks.adopting, [refuse_adoption], refuse_adoption),
    "check again of an old check": (tasks.adopting, [adopt], adopt),
    "second late id": (tasks.cancelled_unsent, [attach_id], attach_id),
    "second late answer": (tasks.watched, [attach_answer], attach_answer),
    "poll after the late answer": (tasks.watched, [attach_answer], poll_again),
    "restart after the late answer": (tasks.watched, [attach_answer], restart),
    "refused, though it is there": (tasks.cancelled_unsent, [attach_id], mark_not_submitted),
    "lost, though it was refused": (
        tasks.cancelled_unsent,
        [mark_not_submitted],
        mark_fate_unknown,
    ),
    "an id, before its deletion": (tasks.cancelled_unsent, [request_deletion], attach_id),
    "lost, before its deletion": (tasks.cancelled_unsent, [request_deletion], mark_fate_unknown),
    "poll, though deleting": (tasks.watched, [request_deletion], poll_again),
    "restart, though deleting": (tasks.watched, [request_deletion], restart),
    "answer, though deleting": (tasks.watched, [request_deletion], attach_answer),
    "deletion asked twice": (tasks.watched, [request_deletion], request_deletion),
    "deletion of another chain": (tasks.watched, [restart], request_deletion),
    "one attempt noted twice": (tasks.deleting, [try_deletion_again], try_deletion_again),
    "attempt before the id": (tasks.deleting, [attach_id], try_deletion_again),
}


@pytest.mark.parametrize(("bring", "meanwhile", "late"), OVERTAKEN.values(), ids=OVERTAKEN)
async def test_a_change_computed_from_an_outdated_record_changes_nothing(
    store: Store, redis: Redis, bring: Bring, meanwhile: list[Make], late: Make
) -> None:
    task = await bring(store)
    change = late(task)
    for make in meanwhile:
        task = await tasks.changed(store, make(task))
    before = await contents(redis)
    assert await store.apply(change) is None
    assert await contents(redis) == before


async def test_of_fifty_claims_at_once_one_wins(store: Store) -> None:
    task = await tasks.accepted(store)
    claims = [store.apply(changes.claim(task, f"claim {n}", 1)) for n in range(50)]
    won = [claimed for claimed in await asyncio.gather(*claims) if claimed]
    assert len(won) == 1
    assert (await store.load(task.id)).task.claim_token == won[0].claim_token


FOLLOWED = {
    "start": (tasks.submitting, start, "poll", [1, 1], 61_000),
    "requeue": (tasks.submitting, requeue, "submit", [1], 2_000),
    "poll again": (tasks.in_progress, poll_again, "poll", [1, 2], 61_000),
    "restart": (tasks.in_progress, restart, "poll", [2, 1], 0),
    "cancel": (tasks.in_progress, cancel, "poll", [2, 1], 0),
    "give up": (tasks.in_progress, give_up, "poll", [2, 1], 0),
    "watch": (tasks.watched, poll_again, "poll", [2, 2], 61_000),
    "attach id": (tasks.cancelled_unsent, attach_id, "poll", [2, 1], 0),
    "adopt": (tasks.unconfirmed, adopt, "adopt", [1, "resp_1"], 0),
    "deletion": (tasks.watched, request_deletion, "delete", [3, 0], 0),
    "deletion in vain": (tasks.deleting, try_deletion_again, "delete", [2, 1], 4_000),
    "id of a deleted one": (tasks.deleting, attach_id, "delete", [3, 0], 0),
    "deleted and refused": (tasks.deleting, mark_not_submitted, "delete", [3, 0], 0),
}


@pytest.mark.parametrize(
    ("bring", "make", "function", "arguments", "delay"), FOLLOWED.values(), ids=FOLLOWED
)
async def test_the_next_job_is_written_with_the_change(
    store: Store,
    redis: Redis,
    bring: Bring,
    make: Make,
    function: str,
    arguments: list[Any],
    delay: int,
) -> None:
    task = await bring(store)
    name = queue.queue_name("openai")
    await redis.delete(name)
    earliest = await clock.now(redis)
    await tasks.changed(store, make(task))
    latest = await clock.now(redis)
    [(job_id, score)] = await redis.zrange(name, 0, -1, withscores=True)
    key = f"arq:job:{job_id.decode()}"
    job = deserialize_job_raw(await redis.get(key), deserializer=queue.load)
    assert (job[0], list(job[1]), job[2]) == (function, [task.id, *arguments], {})
    assert earliest + delay <= score <= latest + delay
    assert await redis.pttl(key) > delay


async def test_a_claim_records_its_token_request_id_and_time(store: Store, redis: Redis) -> None:
    task = await tasks.changed(store, claim(await tasks.accepted(store)))
    assert (task.claim_token, task.attempts, task.client_request_id) == ("mine", 1, f"{task.id}-1")
    assert task.submitted_at is not None
    assert await redis.zscore(keys.sweep_queue("openai"), task.id) == task.submitted_at + 50_000


async def test_the_answer_is_there_with_the_end(store: Store) -> None:
    task = await tasks.in_progress(store)
    assert await store.response(task.id) is None
    ended = await tasks.changed(store, complete(task))
    assert await store.response(task.id) == COMPLETED.response
    assert (ended.usage, ended.cost, ended.polls, ended.next_poll_at) == ({"a": 1}, 7, 1, None)
    assert ended.completed_at == ended.last_polled_at is not None


async def test_a_poll_without_news_is_no_visible_change(store: Store) -> None:
    first = await tasks.changed(store, poll_again(await tasks.in_progress(store)))
    second = await tasks.changed(store, poll_again(first))
    assert (second.version, second.polls) == (first.version, first.polls + 1)
    assert first.provider_status == second.provider_status == "in_progress"


async def test_an_acknowledged_cancel_is_a_visible_change(store: Store) -> None:
    task = await tasks.watched(store)
    heard = changes.poll_again(task, 61_000, task.provider_status, None, 25_000, stopped=True)
    stopped = await tasks.changed(store, heard)
    assert (stopped.cancel_pending, stopped.version) == (None, task.version + 1)
    again = changes.poll_again(stopped, 61_000, task.provider_status, None, 25_000, stopped=True)
    assert (await tasks.changed(store, again)).version == stopped.version


async def test_waiting_longer_for_the_same_reason_is_no_visible_change(store: Store) -> None:
    paused = await tasks.changed(store, requeue(await tasks.accepted(store)))
    assert (await tasks.changed(store, requeue(paused))).version == paused.version


async def test_a_task_without_a_record_is_not_found(store: Store) -> None:
    with pytest.raises(TaskNotFound):
        await store.apply(claim(tasks.snapshot()))


@pytest.mark.parametrize(
    ("status", "make"),
    [
        (Status.QUEUED, start),
        (Status.UNCONFIRMED, requeue),
        (Status.UNCONFIRMED, claim),
        (Status.SUBMITTING, claim),
        (Status.IN_PROGRESS, claim),
        *((Status.QUEUED, make) for make in (adopt, refuse_adoption)),
        *((Status.SUBMITTING, make) for make in (adopt, refuse_adoption)),
        *((Status.IN_PROGRESS, make) for make in (adopt, refuse_adoption, requeue, doubt)),
        *(
            (end, make)
            for end in sorted(TERMINAL)
            for make in (complete, cancel, give_up, abandon, supersede, poison, adopt, start)
        ),
    ],
)
def test_a_change_that_the_table_forbids_raises(status: Status, make: Make) -> None:
    with pytest.raises(ValueError, match="may not become"):
        make(tasks.snapshot(status))


@pytest.mark.parametrize(
    ("task", "make", "reason"),
    [
        *(
            (tasks.snapshot(status), make, "is not polled")
            for status in sorted(set(Status) - {Status.IN_PROGRESS})
            for make in (poll_again, restart)
        ),
        *(
            (tasks.snapshot(status, watch_until=1), make, r"is not (at its end|watched)")
            for status in sorted(OPEN)
            for make in (attach_id, attach_answer)
        ),
        *(
            (tasks.snapshot(status, response_id="resp_1"), attach_answer, "is not watched")
            for status in sorted(TERMINAL)
        ),
    ],
)
def test_polls_and_late_results_are_only_for_tasks_that_await_them(
    task: Task, make: Make, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        make(task)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from(EVERY), st.integers(0, 3)),
        min_size=5,
        max_size=25,
    )
)
def test_no_sequence_of_changes_from_outdated_records_breaks_an_invariant(
    steps: list[tuple[int, Make, int]],
) -> None:
    asyncio.run(_try_all(steps))


async def _try_all(steps: list[tuple[int, Make, int]]) -> None:
    redis = FakeAsyncRedis(server=FakeServer())
    store = Store(redis, "openai", confirm=False)
    readings = [[await tasks.accepted(store)] for _ in range(2)]
    claims: set[tuple[str, int]] = set()
    for which, make, age in steps:
        seen = readings[which]
        before, reading = seen[-1], seen[max(len(seen) - 1 - age, 0)]
        try:
            change = make(reading)
        except ValueError:
            continue
        applied = await store.apply(change)
        after = (await store.load(before.id)).task
        assert applied in (None, after)
        assert after.version == before.version + (change.visible if applied else 0)
        assert after == before or applied
        assert after.generation >= before.generation or after.is_terminal
        assert await placed(redis, after.id) == ({after.status}, waited_for(after))
        answered = await store.response(after.id) is not None
        assert answered or after.status is not Status.COMPLETED
        assert after.is_terminal or not answered
        if before.response_id:
            assert after.response_id == before.response_id
        if applied and change.after is Status.SUBMITTING:
            won = (after.id, after.generation)
            assert won not in claims, "two claims won one generation"
            claims.add(won)
        seen.append(after)
    for seen in readings:
        _check_history([task.status for task in seen])
    await redis.aclose()


def _check_history(history: list[Any]) -> None:
    for before, after in pairwise(history):
        assert after in TRANSITIONS[before] or (after is before)
    ends = [status for status in history if status not in OPEN]
    assert len(set(ends)) <= 1
