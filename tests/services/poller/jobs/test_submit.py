"""A task is claimed before it is sent, sent once, and what came of it is written down."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from services.poller.jobs.submit import (
    BUDGET_RETRY_MS,
    MAX_CLAIM_AGE_S,
    MIDNIGHT_MARGIN_MS,
    PROBE_INTERVAL_MS,
    SubmitJob,
)
from services.poller.periodic.sweeper import Sweeper
from services.poller.results import CallResult, ConnectFailed, NoReply
from shared.domain import changes
from shared.domain.changes import Change
from shared.domain.errors import WriteNotConfirmed
from shared.domain.spending import INSTALLATION
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.openai.request import EXPECTED_COST, INPUT_PRICE
from shared.queue import queue_name
from shared.runtime.ids import new_token
from shared.store import PollerRegistry, Store, SubmissionGate, clock, keys
from shared.store.ledger import DAY_MS
from tests.services.poller.scripted_provider import POLICY, ScriptedProvider, refused, response
from tests.shared import tasks
from tests.shared.store.fake_clock_server import START, ClockedServer, connect

STARTED = response("queued")


class UnconfirmingStore(Store):
    """Writes, and cannot say whether it is on disk."""

    async def apply(
        self, change: Change, *, token: str | None = None, durable: bool = False
    ) -> Task | None:
        task = await super().apply(change, token=token)
        if durable:
            raise WriteNotConfirmed(change.task.id)
        return task


def submission(
    store: Store,
    gate: SubmissionGate,
    provider: ScriptedProvider,
    *,
    lease_ms: int = 50_000,
    clock: Callable[[], float] = monotonic,
    retry_delay_s: float = 0,
) -> SubmitJob:
    return SubmitJob(store, gate, provider, POLICY, lease_ms, new_token, clock, retry_delay_s)


async def due_in(redis: Redis, task: Task) -> float:
    """Milliseconds from the task's creation until the sweep looks at it."""
    return float(await redis.zscore(keys.sweep_queue("openai"), task.id)) - task.created_at


async def test_the_claim_is_in_the_record_before_the_post(
    store: Store, gate: SubmissionGate
) -> None:
    task = await tasks.accepted(store, conversation=b'[{"role":"user"}]')
    seen: list[Task] = []

    async def look() -> None:
        seen.append((await store.load(task.id)).task)

    provider = ScriptedProvider(STARTED, meanwhile=look)
    await submission(store, gate, provider).submit(task.id, 0)
    assert (seen[0].status, seen[0].claim_token is None) == (Status.SUBMITTING, False)
    assert provider.calls == [("create", [{"role": "user"}], task.id, f"{task.id}-1")]


async def test_what_started_is_in_progress_with_its_id(store: Store, gate: SubmissionGate) -> None:
    task = await tasks.accepted(store)
    await submission(store, gate, ScriptedProvider(STARTED)).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert (after.status, after.response_id, after.provider_status) == (
        Status.IN_PROGRESS,
        "resp_1",
        "queued",
    )
    assert after.next_poll_at is not None
    assert after.submitted_at is not None
    assert after.next_poll_at - after.submitted_at >= POLICY.interval_ms


async def test_a_doubled_job_posts_once(store: Store, gate: SubmissionGate) -> None:
    task = await tasks.accepted(store)
    provider = ScriptedProvider(STARTED)
    jobs = [submission(store, gate, provider).submit(task.id, 0) for _ in range(20)]
    await asyncio.gather(*jobs)
    await submission(store, gate, provider).submit(task.id, 0)
    assert len(provider.calls) == 1


async def test_a_job_of_an_old_generation_does_nothing(store: Store, gate: SubmissionGate) -> None:
    task = await tasks.changed(store, changes.requeue(await tasks.accepted(store), 0))
    provider = ScriptedProvider()
    await submission(store, gate, provider).submit(task.id, 0)
    assert provider.calls == []
    assert (await store.load(task.id)).task == task


@pytest.mark.parametrize(
    ("result", "written"),
    [
        (ConnectFailed("ConnectError"), (Status.QUEUED, None, None)),
        (refused(429), (Status.QUEUED, None, None)),
        (refused(401), (Status.QUEUED, PauseReason.BAD_KEY, None)),
        (refused(429, "insufficient_quota"), (Status.QUEUED, PauseReason.QUOTA, None)),
        (refused(404, "model_not_found"), (Status.QUEUED, PauseReason.MODEL_RETIRED, None)),
        (refused(400, "too_long"), (Status.FAILED, None, "too_long")),
        (NoReply("ReadTimeout"), (Status.UNCONFIRMED, None, "unconfirmed")),
        (refused(500), (Status.UNCONFIRMED, None, "unconfirmed")),
    ],
    ids=["unsent", "429", "401", "quota", "retired", "400", "lost", "500"],
)
async def test_each_outcome_is_written_down(
    store: Store,
    gate: SubmissionGate,
    result: CallResult,
    written: tuple[Status, PauseReason | None, str | None],
) -> None:
    task = await tasks.accepted(store)
    await submission(store, gate, ScriptedProvider(result)).submit(task.id, 0)
    after = (await store.load(task.id)).task
    closed = await gate.pause_state()
    assert (after.status, after.paused, after.error_code) == written
    assert (closed.reason if closed else None) == after.paused
    assert (after.submitted_at is None) == (after.status is Status.QUEUED)


async def test_a_task_that_waits_its_turn_is_sent_by_its_next_job(
    store: Store, gate: SubmissionGate
) -> None:
    task = await tasks.accepted(store)
    provider = ScriptedProvider(refused(429), ConnectFailed("ConnectError"), STARTED)
    for generation in range(3):
        await submission(store, gate, provider).submit(task.id, generation)
    assert [call[-1] for call in provider.calls] == [f"{task.id}-{n}" for n in (1, 2, 3)]
    assert (await store.load(task.id)).task.status is Status.IN_PROGRESS


async def test_an_unconfirmed_task_is_never_sent_again(store: Store, gate: SubmissionGate) -> None:
    task = await tasks.accepted(store)
    provider = ScriptedProvider(NoReply("ReadTimeout"))
    for generation in range(3):
        await submission(store, gate, provider).submit(task.id, generation)
    assert len(provider.calls) == 1


async def test_while_the_gate_is_closed_tasks_wait_and_say_why(
    store: Store, gate: SubmissionGate, redis: Redis
) -> None:
    task = await tasks.accepted(store)
    await gate.close(PauseReason.QUOTA, "No quota left.", PROBE_INTERVAL_MS)
    provider = ScriptedProvider()
    await submission(store, gate, provider).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert provider.calls == []
    assert (after.status, after.paused, after.generation) == (Status.QUEUED, PauseReason.QUOTA, 1)
    assert await due_in(redis, task) > PROBE_INTERVAL_MS


async def test_one_task_probes_and_its_success_opens_the_gate_for_all(
    store: Store, gate: SubmissionGate
) -> None:
    first, second = [await tasks.accepted(store) for _ in range(2)]
    await gate.close(PauseReason.QUOTA, "No quota left.", 0)
    provider = ScriptedProvider(STARTED, STARTED)

    async def submit_second() -> None:
        await submission(store, gate, provider).submit(second.id, 0)

    probing = ScriptedProvider(STARTED, meanwhile=submit_second)
    await submission(store, gate, probing).submit(first.id, 0)
    assert (len(probing.calls), provider.calls) == (1, [])
    assert await gate.pause_state() is None
    released = (await store.load(second.id)).task
    assert released.paused is None
    await submission(store, gate, provider).submit(second.id, released.generation)
    assert (await store.load(second.id)).task.status is Status.IN_PROGRESS


@pytest.mark.parametrize(
    ("samples", "room", "sent"),
    [
        ([], EXPECTED_COST + INPUT_PRICE, 1),
        ([], EXPECTED_COST + INPUT_PRICE - 1, 0),
        ([b"1000 900 0 700 "] * 10, 700 + INPUT_PRICE, 1),
        ([b"1000 900 0 700 "] * 10, 699 + INPUT_PRICE, 0),
    ],
)
async def test_a_task_is_sent_if_the_budget_has_room_for_what_tasks_usually_cost(
    store: Store, gate: SubmissionGate, redis: Redis, samples: list[bytes], room: int, sent: int
) -> None:
    if samples:
        await redis.rpush(keys.samples("openai"), *samples)
    await store.ledger.set_budgets({INSTALLATION: room})
    task = await tasks.accepted(store)
    provider = ScriptedProvider(STARTED)
    await submission(store, gate, provider).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert len(provider.calls) == sent
    if not sent:
        assert (after.status, after.paused, after.attempts) == (
            Status.QUEUED,
            PauseReason.BUDGET,
            0,
        )
        assert await store.job_starts(task.id) == 0


async def test_a_task_that_waits_for_the_budget_says_so_once_and_goes_on_when_there_is_room(
    store: Store, gate: SubmissionGate
) -> None:
    await store.ledger.set_budgets({INSTALLATION: 0})
    task = await tasks.accepted(store)
    provider = ScriptedProvider(STARTED)
    for generation in range(3):
        await submission(store, gate, provider).submit(task.id, generation)
    waiting = (await store.load(task.id)).task
    assert (waiting.paused, waiting.version) == (PauseReason.BUDGET, task.version + 1)
    await store.ledger.set_budgets({})
    await submission(store, gate, provider).submit(task.id, waiting.generation)
    after = (await store.load(task.id)).task
    assert (after.status, after.paused) == (Status.IN_PROGRESS, None)
    assert after.reserved == EXPECTED_COST + INPUT_PRICE  # its input is one token


async def test_a_task_whose_owner_has_no_token_says_so_once_and_goes_on_with_another(
    store: Store, gate: SubmissionGate, redis: Redis
) -> None:
    await store.ledger.set_budgets({}, owners=[])
    task = await tasks.accepted(store, owner="anna")
    provider = ScriptedProvider(STARTED)
    for generation in range(3):
        await submission(store, gate, provider).submit(task.id, generation)
    waiting = (await store.load(task.id)).task
    assert (waiting.paused, waiting.version) == (PauseReason.NO_TOKEN, task.version + 1)
    assert (provider.calls, await store.job_starts(task.id)) == ([], 0)
    next_try = await redis.zscore(queue_name("openai"), f"submit:{task.id}:{waiting.generation}")
    assert next_try > await clock.now(redis) + BUDGET_RETRY_MS - 10_000
    assert (await store.counts()).waiting == 0, "it takes no place among those that wait for money"
    await store.ledger.set_budgets({}, owners=["anna"])
    await submission(store, gate, provider).submit(task.id, waiting.generation)
    assert (await store.load(task.id)).task.status is Status.IN_PROGRESS


@pytest.mark.parametrize(
    ("to_midnight", "wait"), [(3_600_000, BUDGET_RETRY_MS), (20_000, 20_000 + MIDNIGHT_MARGIN_MS)]
)
async def test_it_is_tried_again_soon_and_right_after_midnight(
    gate: SubmissionGate, to_midnight: int, wait: int
) -> None:
    server = ClockedServer()
    server.now = START - START % DAY_MS + DAY_MS - to_midnight
    redis = connect(server)
    store = Store(redis, "openai", confirm=False)
    await store.ledger.set_budgets({INSTALLATION: 0})
    task = await tasks.accepted(store)
    await submission(store, gate, ScriptedProvider()).submit(task.id, 0)
    job = f"submit:{task.id}:1"
    assert await redis.zscore(queue_name("openai"), job) == server.now + wait
    await redis.aclose()


async def test_a_claim_that_is_not_confirmed_sends_nothing_and_waits(
    redis: Redis, gate: SubmissionGate
) -> None:
    store = UnconfirmingStore(redis, "openai", confirm=False)
    task = await tasks.accepted(store)
    provider = ScriptedProvider()
    await submission(store, gate, provider).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert provider.calls == []
    assert (after.status, after.claim_token, after.generation) == (Status.QUEUED, None, 1)


async def test_a_worker_that_slept_past_its_lease_still_brings_its_id(
    store: Store, gate: SubmissionGate, redis: Redis
) -> None:
    task = await tasks.accepted(store)
    sweeper = Sweeper(store, PollerRegistry(redis, "openai"), POLICY.stale_after_ms)
    seen: list[Any] = []

    async def oversleep() -> None:
        await sweeper.sweep()
        seen.append((await store.load(task.id)).task.status)

    provider = ScriptedProvider(STARTED, meanwhile=oversleep)
    await submission(store, gate, provider, lease_ms=0).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert seen == [Status.UNCONFIRMED]
    assert (after.status, after.response_id, after.error_code) == (
        Status.IN_PROGRESS,
        "resp_1",
        None,
    )


class FailingStore(Store):
    """Away, or without its disk, for the next writes of a response's id, each in its own way."""

    def __init__(self, redis: Redis, *errors: Exception) -> None:
        super().__init__(redis, "openai", confirm=False)
        self._errors = list(errors)
        self.tried = 0
        self.failed, self.wrote = asyncio.Event(), asyncio.Event()

    async def apply(
        self, change: Change, *, token: str | None = None, durable: bool = False
    ) -> Task | None:
        if "response_id" in change.set_fields:
            self.tried += 1
            if self._errors:
                self.failed.set()
                raise self._errors.pop(0)
            self.wrote.set()
        return await super().apply(change, token=token, durable=durable)


async def test_the_id_of_a_paid_response_is_written_down_however_often_the_store_fails(
    redis: Redis, gate: SubmissionGate
) -> None:
    store = FailingStore(redis, RedisConnectionError(), WriteNotConfirmed("task"), OSError())
    task = await tasks.accepted(store)
    await submission(store, gate, ScriptedProvider(STARTED)).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert (store.tried, after.status, after.response_id) == (4, Status.IN_PROGRESS, "resp_1")


async def test_an_order_to_stop_does_not_take_the_id_with_it(
    redis: Redis, gate: SubmissionGate
) -> None:
    store = FailingStore(redis, RedisConnectionError())
    task = await tasks.accepted(store)
    job = asyncio.create_task(
        submission(store, gate, ScriptedProvider(STARTED), retry_delay_s=0.05).submit(task.id, 0)
    )
    await asyncio.wait_for(store.failed.wait(), 5)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    await asyncio.wait_for(store.wrote.wait(), 5)
    assert store.tried == 2


@pytest.mark.parametrize(("took", "sent"), [(MAX_CLAIM_AGE_S, 1), (MAX_CLAIM_AGE_S + 0.1, 0)])
async def test_a_claim_that_took_too_long_is_not_used(
    store: Store, gate: SubmissionGate, took: float, sent: int
) -> None:
    """The worker was frozen, and a person may have decided on its task in the meantime."""
    task = await tasks.accepted(store)
    provider = ScriptedProvider(STARTED)
    clock = iter([0.0, took])
    await submission(store, gate, provider, clock=lambda: next(clock)).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert len(provider.calls) == sent
    assert after.status is (Status.IN_PROGRESS if sent else Status.QUEUED)
    assert (after.claim_token is None) == (not sent)


@pytest.mark.parametrize(
    ("decide", "status", "error"),
    [
        ([], Status.IN_PROGRESS, None),
        ([changes.abandon], Status.FAILED, "abandoned"),
        ([lambda task: changes.supersede(task, "task_2")], Status.FAILED, "superseded"),
        ([lambda task: changes.cancel(task, 25_000)], Status.CANCELLED, None),
        ([lambda task: changes.adopt(task, "resp_9", 0, 25_000)], Status.IN_PROGRESS, None),
    ],
    ids=["unconfirmed", "abandoned", "superseded", "cancelled", "adopting"],
)
async def test_the_id_finds_its_task_whatever_became_of_it_meanwhile(
    store: Store,
    gate: SubmissionGate,
    decide: list[Callable[[Task], Change]],
    status: Status,
    error: str | None,
) -> None:
    task = await tasks.accepted(store)

    async def oversleep() -> None:
        sent = (await store.load(task.id)).task
        doubted = await tasks.changed(store, changes.mark_unconfirmed(sent, "The lease is over."))
        for make in decide:
            await tasks.changed(store, make(doubted))

    provider = ScriptedProvider(STARTED, meanwhile=oversleep)
    await submission(store, gate, provider).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert (after.status, after.error_code, after.response_id) == (status, error, "resp_1")
    assert (after.needs_polling, bool(after.cancel_pending)) == (True, after.is_terminal)


async def test_a_task_that_is_cancelled_while_it_is_sent_is_stopped_there(
    store: Store, gate: SubmissionGate
) -> None:
    task = await tasks.accepted(store)

    async def cancel() -> None:
        sent = (await store.load(task.id)).task
        await tasks.changed(store, changes.cancel(sent, 25_000))

    await submission(store, gate, ScriptedProvider(STARTED, meanwhile=cancel)).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert (after.status, after.response_id, after.cancel_pending) == (
        Status.CANCELLED,
        "resp_1",
        1,
    )


@pytest.mark.parametrize(
    ("result", "ended_from", "claimed"),
    [
        (refused(429), Status.QUEUED, False),
        (refused(401), Status.QUEUED, False),
        (refused(400), Status.QUEUED, False),
        (ConnectFailed("ConnectError"), Status.QUEUED, False),
        (NoReply("ReadTimeout"), Status.UNCONFIRMED, True),
    ],
    ids=str,
)
async def test_a_task_that_is_cancelled_while_it_is_sent_in_vain_stays_so_and_says_what_is_known(
    store: Store, gate: SubmissionGate, result: CallResult, ended_from: Status, *, claimed: bool
) -> None:
    task = await tasks.accepted(store)
    ended: list[Task] = []

    async def cancel() -> None:
        sent = (await store.load(task.id)).task
        ended.append(await tasks.changed(store, changes.cancel(sent, 25_000)))

    await submission(store, gate, ScriptedProvider(result, meanwhile=cancel)).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert (after.status, after.completed_at) == (Status.CANCELLED, ended[0].completed_at)
    assert (ended[0].ended_from, after.ended_from) == (Status.SUBMITTING, ended_from)
    assert (after.claim_token is not None, after.submitted_at is not None) == (claimed, claimed)
    assert await store.overdue(10) == []


REFUSALS = [
    (refused(400, "too_long"), "too_long"),
    (refused(429), "not_taken"),
    (refused(401), "not_taken"),
    (ConnectFailed("ConnectError"), "not_taken"),
]


@pytest.mark.parametrize("adopting", [False, True])
@pytest.mark.parametrize(("result", "code"), REFUSALS, ids=str)
async def test_a_refusal_ends_the_doubt_that_the_sweep_had_meanwhile(
    store: Store, gate: SubmissionGate, result: CallResult, code: str, *, adopting: bool
) -> None:
    """Never back into the queue: a person may just have had it sent again."""
    task = await tasks.accepted(store)

    async def oversleep() -> None:
        sent = (await store.load(task.id)).task
        doubted = await tasks.changed(store, changes.mark_unconfirmed(sent, "The lease is over."))
        if adopting:
            await tasks.changed(store, changes.adopt(doubted, "resp_9", 0, 25_000))

    provider = ScriptedProvider(result, meanwhile=oversleep)
    await submission(store, gate, provider).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert (after.status, after.error_code, after.adopting) == (Status.FAILED, code, None)
    assert await store.overdue(10) == []


async def test_a_doubt_after_the_doubt_changes_nothing(store: Store, gate: SubmissionGate) -> None:
    task = await tasks.accepted(store)
    doubted: list[Task] = []

    async def oversleep() -> None:
        sent = (await store.load(task.id)).task
        doubted.append(
            await tasks.changed(store, changes.mark_unconfirmed(sent, "The lease is over."))
        )

    provider = ScriptedProvider(NoReply("ReadTimeout"), meanwhile=oversleep)
    await submission(store, gate, provider).submit(task.id, 0)
    assert [(await store.load(task.id)).task] == doubted


@pytest.mark.parametrize(("result", "_"), REFUSALS, ids=str)
async def test_a_refusal_that_another_claim_has_overtaken_changes_nothing(
    store: Store, gate: SubmissionGate, result: CallResult, _: str
) -> None:
    """A store that was set back: what this worker knows is of a POST that nobody here knows of."""
    task = await tasks.accepted(store)
    other: list[Task] = []

    async def set_back() -> None:
        sent = (await store.load(task.id)).task
        waiting = await tasks.changed(store, changes.requeue(sent, 0))
        claimed = await tasks.changed(store, changes.claim(waiting, "another", 50_000))
        other.append(await tasks.changed(store, changes.mark_unconfirmed(claimed, "no answer")))

    provider = ScriptedProvider(result, meanwhile=set_back)
    await submission(store, gate, provider).submit(task.id, 0)
    assert [(await store.load(task.id)).task] == other


async def test_a_claim_that_was_not_used_is_given_back_even_after_the_end(
    store: Store, gate: SubmissionGate, redis: Redis
) -> None:
    task = await tasks.accepted(store)
    provider = ScriptedProvider()
    clock = iter([0.0, MAX_CLAIM_AGE_S + 1])

    class CancellingStore(Store):
        async def apply(
            self, change: Change, *, token: str | None = None, durable: bool = False
        ) -> Task | None:
            applied = await super().apply(change, token=token, durable=durable)
            if applied and change.after is Status.SUBMITTING:
                await super().apply(changes.cancel(applied, 25_000))
            return applied

    cancelling = CancellingStore(redis, "openai", confirm=False)
    await submission(cancelling, gate, provider, clock=lambda: next(clock)).submit(task.id, 0)
    after = (await store.load(task.id)).task
    assert (after.status, after.ended_from, provider.calls) == (
        Status.CANCELLED,
        Status.QUEUED,
        [],
    )


async def test_the_response_of_a_task_that_is_gone_is_named_in_the_log_and_let_go(
    store: Store, gate: SubmissionGate, redis: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    task = await tasks.accepted(store)

    async def flush() -> None:
        await redis.flushall()

    provider = ScriptedProvider(STARTED, meanwhile=flush)
    async with asyncio.timeout(5):
        await submission(store, gate, provider).submit(task.id, 0)
    said = capsys.readouterr().out
    assert "response_of_deleted_task_found" in said
    assert "resp_1" in said
    assert await redis.keys("backburner:task:*") == []


async def test_a_submission_counts_as_started_until_something_comes_of_it(
    store: Store, gate: SubmissionGate, redis: Redis
) -> None:
    """The claim itself is progress: what dies after it ends as unconfirmed, not as poisoned."""
    task = await tasks.accepted(store)

    class DyingStore(Store):
        async def conversation(self, task_id: str) -> bytes:
            raise RuntimeError(task_id)

    dying = DyingStore(redis, "openai", confirm=False)
    with pytest.raises(RuntimeError):
        await submission(dying, gate, ScriptedProvider()).submit(task.id, 0)
    assert await store.job_starts(task.id) == 1
    await submission(store, gate, ScriptedProvider(STARTED)).submit(task.id, 0)
    assert await store.job_starts(task.id) == 0
