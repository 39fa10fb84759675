"""A task is claimed before it is sent, sent once, and the result is recorded."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from services.poller.decisions.sweep import decide_sweep
from services.poller.jobs.pause import PROBE_AGAIN_MS, PROBE_INTERVAL_MS
from services.poller.jobs.submit import (
    BUDGET_RETRY_MS,
    MAX_CLAIM_AGE_S,
    MIDNIGHT_MARGIN_MS,
)
from services.poller.results import CallResult, ConnectFailed, NoReply
from shared.domain import changes
from shared.domain.changes import Change
from shared.domain.errors import WriteNotConfirmed
from shared.domain.estimate import input_cost
from shared.domain.spending import INSTALLATION
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.openai.model import ACTIVE
from shared.queue import queue_name
from shared.store import Store, SubmissionGate, keys
from shared.store.ledger import DAY_MS
from tests.services.poller.job_runner import JobRunner
from tests.services.poller.scripted_provider import (
    POLICY,
    Meanwhile,
    ScriptedProvider,
    refused,
    reply,
    response,
)
from tests.shared import tasks
from tests.shared.store.fake_clock_server import START, ClockedServer, connect

ONE_TOKEN = input_cost(len(b"[]"))
STARTED = response("queued")
LOST = NoReply("ReadTimeout")
UNSENT = ConnectFailed("ConnectError")


def claim_by_another(task: Task) -> Change:
    return changes.claim(task, "another", 50_000)


def cancel(task: Task) -> Change:
    return changes.cancel(task, 25_000)


def adopt(task: Task) -> Change:
    return changes.adopt(task, "resp_9", 0, 25_000)


def requeue(task: Task) -> Change:
    return changes.requeue(task, 0)


def doubt(task: Task) -> Change:
    """The sweep finds that the lease has expired."""
    change = decide_sweep(task, 0, POLICY.stale_after_ms)
    assert change is not None
    return change


async def requeued(store: Store) -> Task:
    return await tasks.changed(store, requeue(await tasks.accepted(store)))


async def test_the_claim_is_recorded_before_the_post_and_the_response_id_after_it(
    store: Store, jobs: JobRunner
) -> None:
    task = await tasks.accepted(store, conversation=b'[{"role":"user"}]')
    during = Meanwhile(store, task)
    provider = ScriptedProvider(STARTED, meanwhile=during)
    after = await jobs.submit(task, provider)
    assert (during.task.status, during.task.claim_token is None) == (Status.SUBMITTING, False)
    assert provider.calls == [("create", [{"role": "user"}], task.id, f"{task.id}-1")]
    assert (after.status, after.response_id) == (Status.IN_PROGRESS, "resp_1")
    assert after.provider_status == "queued"
    assert after.next_poll_at is not None
    assert after.submitted_at is not None
    assert after.next_poll_at - after.submitted_at >= POLICY.interval_ms


async def test_a_job_delivered_many_times_posts_once(store: Store, jobs: JobRunner) -> None:
    task = await tasks.accepted(store)
    provider = ScriptedProvider(STARTED)
    await asyncio.gather(*(jobs.submit(task, provider) for _ in range(20)))
    await jobs.submit(task, provider)
    assert len(provider.calls) == 1


@pytest.mark.parametrize(
    ("bring", "generations"), [(requeued, [0, 2]), (tasks.unconfirmed, [0, 1, 2])]
)
async def test_only_a_task_that_waits_in_the_jobs_generation_is_sent(
    store: Store,
    jobs: JobRunner,
    bring: Callable[[Store], Awaitable[Task]],
    generations: list[int],
) -> None:
    task = await bring(store)
    for generation in generations:
        assert await jobs.submit(task, ScriptedProvider(), generation) == task


@pytest.mark.parametrize(
    ("result", "recorded"),
    [
        (UNSENT, (Status.QUEUED, None, None)),
        (refused(401, "invalid_api_key"), (Status.QUEUED, PauseReason.BAD_KEY, None)),
        (refused(401), (Status.QUEUED, PauseReason.PROVIDER_REFUSES, None)),
        (refused(400, "too_long"), (Status.FAILED, None, "too_long")),
        (LOST, (Status.UNCONFIRMED, None, "unconfirmed")),
    ],
    ids=["submit later", "pause submissions", "pause without a cause", "refused", "unconfirmed"],
)
async def test_each_decision_is_carried_out(
    store: Store,
    gate: SubmissionGate,
    jobs: JobRunner,
    result: CallResult,
    recorded: tuple[Status, PauseReason | None, str | None],
) -> None:
    after = await jobs.submit(await tasks.accepted(store), ScriptedProvider(result))
    closed = await gate.pause_state()
    assert (after.status, after.paused, after.error_code) == recorded
    assert (closed.reason if closed else None) == after.paused
    assert (after.submitted_at is None) == (after.status is Status.QUEUED)


async def test_a_task_that_was_not_taken_is_sent_by_its_next_job(
    store: Store, jobs: JobRunner
) -> None:
    task = await tasks.accepted(store)
    provider = ScriptedProvider(refused(429), UNSENT, STARTED)
    for generation in range(3):
        after = await jobs.submit(task, provider, generation)
    assert [call[-1] for call in provider.calls] == [f"{task.id}-{n}" for n in (1, 2, 3)]
    assert after.status is Status.IN_PROGRESS


async def test_a_task_that_waits_says_why_how_often_and_until_when(
    store: Store, jobs: JobRunner
) -> None:
    task = await tasks.accepted(store)
    provider = ScriptedProvider(refused(429, "rate_limit_exceeded"), UNSENT, STARTED)
    seen = []
    for generation in range(3):
        task = await jobs.submit(task, provider, generation)
        waiting = [each.id for each in await store.waiting_for_provider(10)]
        seen.append((task.problem_code, task.attempts, waiting))
        if task.status is Status.QUEUED:
            assert task.next_attempt_at is not None
            assert task.next_attempt_at - task.created_at >= 2_000 * task.attempts
    assert seen == [
        ("rate_limit_exceeded", 1, []),
        ("connect_failed", 2, [task.id]),
        (None, 3, []),
    ]


async def test_while_submissions_are_paused_a_task_waits_and_gives_the_reason(
    store: Store, gate: SubmissionGate, redis: Redis, jobs: JobRunner
) -> None:
    task = await tasks.accepted(store)
    await gate.close(PauseReason.QUOTA, "No quota left.", PROBE_INTERVAL_MS)
    after = await jobs.submit(task, ScriptedProvider())
    assert (after.status, after.paused, after.generation) == (Status.QUEUED, PauseReason.QUOTA, 1)
    assert (after.problem_code, after.problem_message) == ("quota", "No quota left.")
    assert await store.waiting_for_provider(10) == []  # all tasks wait: the gate tells that
    sweep_at = await redis.zscore(keys.sweep_queue("openai"), task.id)
    assert sweep_at - task.created_at > PROBE_INTERVAL_MS


async def test_one_task_probes_and_its_success_resumes_all(
    store: Store, gate: SubmissionGate, jobs: JobRunner
) -> None:
    first, second = [await tasks.accepted(store) for _ in range(2)]
    await gate.close(PauseReason.QUOTA, "No quota left.", 0)
    provider = ScriptedProvider(response("queued", id="resp_2"))
    probing = ScriptedProvider(STARTED, meanwhile=lambda: jobs.submit(second, provider))
    await jobs.submit(first, probing)
    assert (len(probing.calls), provider.calls) == (1, [])
    assert await gate.pause_state() is None
    released = (await store.load(second.id)).task
    assert released.paused is None
    assert (await jobs.submit(second, provider, released.generation)).status is Status.IN_PROGRESS


BLOCKED = refused(403, "blocked_by_policy")
MODEL = reply(200, {"id": ACTIVE.name})


async def test_a_refusal_that_one_task_alone_gets_makes_only_that_task_wait_longer_each_time(
    store: Store, gate: SubmissionGate, jobs: JobRunner
) -> None:
    filtered = await tasks.accepted(store)
    for attempt in range(1, 6):
        provider = ScriptedProvider(BLOCKED, MODEL)
        filtered = await jobs.submit(filtered, provider, filtered.generation)
        assert await gate.pause_state() is None
        assert (filtered.status, filtered.paused) == (Status.QUEUED, None)
        assert (filtered.problem_code, filtered.attempts) == ("blocked_by_policy", attempt)
        assert "refuses this task (403 blocked_by_policy)" in (filtered.problem_message or "")
        assert (filtered.next_attempt_at or 0) - filtered.created_at >= 1000 << attempt
        taken = response("queued", id=f"resp_{attempt}")
        other = await jobs.submit(await tasks.accepted(store), ScriptedProvider(taken))
        assert other.status is Status.IN_PROGRESS
    assert [each.id for each in await store.waiting_for_provider(10)] == [filtered.id]


@pytest.mark.parametrize(
    ("preflight", "reason"),
    [
        (BLOCKED, PauseReason.PROVIDER_REFUSES),
        (refused(401, "invalid_api_key"), PauseReason.BAD_KEY),
        (refused(404, "model_not_found"), PauseReason.MODEL_RETIRED),
        (refused(403, "a_missing_scope"), None),
        (reply(404, {"detail": "Not Found"}), None),
        (NoReply("ReadTimeout"), None),
        (MODEL, None),
    ],
    ids=str,
)
async def test_a_call_without_a_task_decides_whether_a_refusal_concerns_all(
    store: Store,
    gate: SubmissionGate,
    jobs: JobRunner,
    preflight: CallResult,
    reason: PauseReason | None,
) -> None:
    provider = ScriptedProvider(BLOCKED, preflight)
    await jobs.submit(await tasks.accepted(store), provider)
    closed = await gate.pause_state()
    assert (closed and closed.reason) == reason
    assert [call[0] for call in provider.calls] == ["create", "model"]


async def test_the_third_task_in_a_row_that_is_refused_pauses_all_and_a_known_one_never_again(
    store: Store, gate: SubmissionGate, jobs: JobRunner
) -> None:
    filtered = [await tasks.accepted(store) for _ in range(3)]
    for task, closes in zip(filtered, (False, False, True), strict=True):
        await jobs.submit(task, ScriptedProvider(BLOCKED, MODEL))
        assert (await gate.pause_state() is not None) == closes

    await gate.close(PauseReason.PROVIDER_REFUSES, "Refused.", 0)  # a minute has passed
    probe = await tasks.accepted(store)
    assert (await jobs.submit(probe, ScriptedProvider(STARTED))).status is Status.IN_PROGRESS
    for task in filtered:
        again = await jobs.load(task)
        await jobs.submit(again, ScriptedProvider(BLOCKED, MODEL), again.generation)
        assert await gate.pause_state() is None


async def test_a_task_that_was_refused_lets_others_find_out_first_whether_the_cause_is_gone(
    store: Store, gate: SubmissionGate, jobs: JobRunner
) -> None:
    refused_before = await jobs.submit(await tasks.accepted(store), ScriptedProvider(UNSENT))
    await gate.close(PauseReason.PROVIDER_REFUSES, "Refused.", 0)
    generation = refused_before.generation
    waiting = await jobs.submit(refused_before, ScriptedProvider(), generation)
    assert (waiting.status, waiting.paused) == (Status.QUEUED, PauseReason.PROVIDER_REFUSES)
    closed = await gate.pause_state()
    assert closed is not None
    assert (waiting.next_attempt_at or 0) >= closed.probe_at + PROBE_AGAIN_MS
    fresh = await jobs.submit(await tasks.accepted(store), ScriptedProvider(BLOCKED))
    assert fresh.paused is PauseReason.PROVIDER_REFUSES
    assert await gate.pause_state() is not None


@pytest.mark.parametrize(
    ("samples", "room", "sent"),
    [
        ([], ACTIVE.expected_cost + ONE_TOKEN, 1),
        ([], ACTIVE.expected_cost + ONE_TOKEN - 1, 0),
        ([b"1000 900 0 700 "] * 10, 700 + ONE_TOKEN, 1),
        ([b"1000 900 0 700 "] * 10, 699 + ONE_TOKEN, 0),
    ],
)
async def test_a_task_is_sent_if_the_budget_covers_the_usual_cost(
    store: Store, redis: Redis, jobs: JobRunner, samples: list[bytes], room: int, sent: int
) -> None:
    if samples:
        await redis.rpush(keys.samples("openai"), *samples)
    await store.ledger.set_budgets({INSTALLATION: room})
    provider = ScriptedProvider(STARTED)
    after = await jobs.submit(await tasks.accepted(store), provider)
    assert len(provider.calls) == sent
    if not sent:
        assert (after.status, after.paused) == (Status.QUEUED, PauseReason.BUDGET)
        assert (after.attempts, await store.job_starts(after.id)) == (0, 0)


@pytest.mark.parametrize(
    ("budgets", "owners", "reason"),
    [({INSTALLATION: 0}, None, PauseReason.BUDGET), ({}, [], PauseReason.NO_TOKEN)],
)
async def test_a_task_that_must_not_be_paid_for_gives_the_reason_once_and_is_sent_when_it_may(
    store: Store,
    jobs: JobRunner,
    budgets: dict[str, int],
    owners: list[str] | None,
    reason: PauseReason,
) -> None:
    await store.ledger.set_budgets(budgets, owners)
    task = await tasks.accepted(store, owner="anna")
    for generation in range(3):
        waiting = await jobs.submit(task, ScriptedProvider(), generation)
    assert (waiting.paused, waiting.version) == (reason, task.version + 1)
    assert await store.job_starts(task.id) == 0
    # Without a token it takes no place among those that wait for money.
    assert (await store.counts()).waiting == (reason is PauseReason.BUDGET)
    await store.ledger.set_budgets({}, owners=["anna"])
    after = await jobs.submit(task, ScriptedProvider(STARTED), waiting.generation)
    assert (after.status, after.paused) == (Status.IN_PROGRESS, None)
    assert after.reserved == ACTIVE.expected_cost + ONE_TOKEN  # its input is one token


@pytest.mark.parametrize(
    ("budgets", "owners", "to_midnight", "wait"),
    [
        ({INSTALLATION: 0}, None, 3_600_000, BUDGET_RETRY_MS),
        ({INSTALLATION: 0}, None, 20_000, 20_000 + MIDNIGHT_MARGIN_MS),
        ({}, [], 20_000, BUDGET_RETRY_MS),
    ],
    ids=["budget", "budget of the next day", "no token"],
)
async def test_it_is_tried_again_soon_and_right_after_midnight(
    gate: SubmissionGate,
    budgets: dict[str, int],
    owners: list[str] | None,
    to_midnight: int,
    wait: int,
) -> None:
    server = ClockedServer()
    server.now = START - START % DAY_MS + DAY_MS - to_midnight
    redis = connect(server)
    store = Store(redis, "openai", confirm=False)
    await store.ledger.set_budgets(budgets, owners)
    task = await JobRunner(store, gate).submit(
        await tasks.accepted(store, owner="anna"), ScriptedProvider()
    )
    assert await redis.zscore(queue_name("openai"), f"submit:{task.id}:1") == server.now + wait
    await redis.aclose()


async def test_a_claim_that_is_not_confirmed_is_released_and_nothing_is_sent(
    redis: Redis, gate: SubmissionGate
) -> None:
    class UnconfirmingStore(Store):
        async def apply(
            self, change: Change, *, token: str | None = None, durable: bool = False
        ) -> Task | None:
            task = await super().apply(change, token=token)
            if durable:
                raise WriteNotConfirmed(change.task.id)
            return task

    store = UnconfirmingStore(redis, "openai", confirm=False)
    after = await JobRunner(store, gate).submit(await tasks.accepted(store), ScriptedProvider())
    assert (after.status, after.claim_token, after.generation) == (Status.QUEUED, None, 1)


class FailingStore(Store):
    """Fails at the next writes of a response id, each time with another error."""

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


async def test_the_id_of_a_paid_response_is_stored_however_often_redis_fails(
    redis: Redis, gate: SubmissionGate
) -> None:
    store = FailingStore(redis, RedisConnectionError(), WriteNotConfirmed("task"), OSError())
    after = await JobRunner(store, gate).submit(
        await tasks.accepted(store), ScriptedProvider(STARTED)
    )
    assert (store.tried, after.status, after.response_id) == (4, Status.IN_PROGRESS, "resp_1")


async def test_a_cancelled_job_still_stores_the_response_id(
    redis: Redis, gate: SubmissionGate
) -> None:
    store = FailingStore(redis, RedisConnectionError())
    task = await tasks.accepted(store)
    submission = JobRunner(store, gate).submit_job(ScriptedProvider(STARTED), retry_delay_s=0.05)
    job = asyncio.create_task(submission.submit(task.id, 0))
    await asyncio.wait_for(store.failed.wait(), 5)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    await asyncio.wait_for(store.wrote.wait(), 5)
    assert store.tried == 2


@pytest.mark.parametrize(("took", "sent"), [(MAX_CLAIM_AGE_S, 1), (MAX_CLAIM_AGE_S + 0.1, 0)])
async def test_a_claim_that_took_too_long_is_not_used(
    store: Store, jobs: JobRunner, took: float, sent: int
) -> None:
    """The worker was frozen, and a person may have decided on its task in the meantime."""
    provider = ScriptedProvider(STARTED)
    clock = iter([0.0, took])
    after = await jobs.submit(await tasks.accepted(store), provider, clock=lambda: next(clock))
    assert len(provider.calls) == sent
    assert after.status is (Status.IN_PROGRESS if sent else Status.QUEUED)
    assert (after.claim_token is None) == (not sent)


async def test_an_unused_claim_is_released_even_after_the_tasks_end(
    redis: Redis, gate: SubmissionGate
) -> None:
    class CancellingStore(Store):
        async def apply(
            self, change: Change, *, token: str | None = None, durable: bool = False
        ) -> Task | None:
            applied = await super().apply(change, token=token, durable=durable)
            if applied and change.after is Status.SUBMITTING:
                await super().apply(cancel(applied))
            return applied

    store = CancellingStore(redis, "openai", confirm=False)
    clock = iter([0.0, MAX_CLAIM_AGE_S + 1])
    task, provider = await tasks.accepted(store), ScriptedProvider()
    after = await JobRunner(store, gate).submit(task, provider, clock=lambda: next(clock))
    assert (after.status, after.ended_from) == (Status.CANCELLED, Status.QUEUED)
    assert provider.calls == []


@pytest.mark.parametrize(
    ("happened", "status", "error"),
    [
        ([cancel], Status.CANCELLED, None),
        ([doubt], Status.IN_PROGRESS, None),
        ([doubt, changes.abandon], Status.FAILED, "abandoned"),
        ([doubt, lambda task: changes.supersede(task, "task_2")], Status.FAILED, "superseded"),
        ([doubt, cancel], Status.CANCELLED, None),
        ([doubt, adopt], Status.IN_PROGRESS, None),
    ],
    ids=["cancelled", "unconfirmed", "abandoned", "superseded", "cancelled in doubt", "adopting"],
)
async def test_the_id_is_stored_whatever_became_of_the_task_during_the_post(
    store: Store,
    jobs: JobRunner,
    happened: list[Callable[[Task], Change]],
    status: Status,
    error: str | None,
) -> None:
    task = await tasks.accepted(store)
    during = Meanwhile(store, task, *happened)
    after = await jobs.submit(task, ScriptedProvider(STARTED, meanwhile=during))
    assert (after.status, after.error_code, after.response_id) == (status, error, "resp_1")
    assert (after.needs_polling, after.cancel_pending) == (True, 1 if after.is_terminal else None)


@pytest.mark.parametrize(
    ("result", "ended_from", "claimed"),
    [
        (refused(429), Status.QUEUED, False),
        (refused(401), Status.QUEUED, False),
        (refused(400), Status.QUEUED, False),
        (UNSENT, Status.QUEUED, False),
        (LOST, Status.UNCONFIRMED, True),
    ],
    ids=str,
)
async def test_a_task_cancelled_during_a_failed_post_stays_cancelled_and_records_what_is_known(
    store: Store, jobs: JobRunner, result: CallResult, ended_from: Status, *, claimed: bool
) -> None:
    task = await tasks.accepted(store)
    during = Meanwhile(store, task, cancel)
    after = await jobs.submit(task, ScriptedProvider(result, meanwhile=during))
    assert (after.status, after.completed_at) == (Status.CANCELLED, during.task.completed_at)
    assert (during.task.ended_from, after.ended_from) == (Status.SUBMITTING, ended_from)
    assert (after.claim_token is not None, after.submitted_at is not None) == (claimed, claimed)
    assert await store.overdue(10) == []


REFUSALS = [
    (refused(400, "too_long"), "too_long"),
    (refused(429), "not_taken"),
    (refused(401), "not_taken"),
    (UNSENT, "not_taken"),
]


@pytest.mark.parametrize("happened", [[doubt], [doubt, adopt]], ids=["doubt", "adopting"])
@pytest.mark.parametrize(("result", "code"), REFUSALS, ids=str)
async def test_a_refusal_ends_a_task_that_became_unconfirmed_during_the_post(
    store: Store,
    jobs: JobRunner,
    result: CallResult,
    code: str,
    happened: list[Callable[[Task], Change]],
) -> None:
    """Never back into the queue: a person may have sent it again in the meantime."""
    task = await tasks.accepted(store)
    provider = ScriptedProvider(result, meanwhile=Meanwhile(store, task, *happened))
    after = await jobs.submit(task, provider)
    assert (after.status, after.error_code, after.adopting) == (Status.FAILED, code, None)
    assert await store.overdue(10) == []


RESTORED = [requeue, claim_by_another, doubt]
"""A store that was set back: the worker knows of a POST that is not recorded there."""


@pytest.mark.parametrize(
    ("result", "happened"),
    [(LOST, [doubt]), *((result, RESTORED) for result, _ in REFUSALS)],
    ids=["no reply", *(str(result) for result, _ in REFUSALS)],
)
async def test_a_result_that_says_nothing_new_or_is_of_another_claim_changes_nothing(
    store: Store, jobs: JobRunner, result: CallResult, happened: list[Callable[[Task], Change]]
) -> None:
    task = await tasks.accepted(store)
    during = Meanwhile(store, task, *happened)
    assert await jobs.submit(task, ScriptedProvider(result, meanwhile=during)) == during.task


async def test_the_response_of_a_task_that_is_gone_is_logged_and_not_stored(
    store: Store, redis: Redis, jobs: JobRunner, capsys: pytest.CaptureFixture[str]
) -> None:
    task = await tasks.accepted(store)
    provider = ScriptedProvider(STARTED, meanwhile=redis.flushall)
    await asyncio.wait_for(jobs.submit_job(provider).submit(task.id, 0), 5)
    logged = capsys.readouterr().out
    assert "response_of_deleted_task_found" in logged
    assert "resp_1" in logged
    assert await redis.keys("backburner:task:*") == []


async def test_a_submission_counts_as_started_until_its_claim(
    store: Store, gate: SubmissionGate, redis: Redis, jobs: JobRunner
) -> None:
    """The claim is progress: a task whose worker dies after it is unconfirmed, not poisoned."""
    task = await tasks.accepted(store)

    class DyingStore(Store):
        async def conversation(self, task_id: str) -> bytes:
            raise RuntimeError(task_id)

    dying = DyingStore(redis, "openai", confirm=False)
    with pytest.raises(RuntimeError):
        await JobRunner(dying, gate).submit(task, ScriptedProvider())
    assert await store.job_starts(task.id) == 1
    await jobs.submit(task, ScriptedProvider(STARTED))
    assert await store.job_starts(task.id) == 0


@pytest.mark.parametrize(
    ("word", "status", "code"),
    [
        ("completed", Status.COMPLETED, None),
        ("incomplete", Status.INCOMPLETE, "max_output_tokens"),
        ("failed", Status.FAILED, "server_error"),
        ("cancelled", Status.CANCELLED, None),
    ],
)
async def test_a_post_that_is_answered_at_once_ends_the_task(
    store: Store, redis: Redis, jobs: JobRunner, word: str, status: Status, code: str | None
) -> None:
    """Some servers ignore background and show the response never again."""
    done = response(
        word,
        usage={"input_tokens": 1, "output_tokens": 1},
        error={"code": "server_error", "message": "No."},
        incomplete_details={"reason": "max_output_tokens"},
    )
    after = await jobs.submit(await tasks.accepted(store), ScriptedProvider(done))
    assert (after.status, after.error_code, after.cost) == (status, code, 135)
    assert (after.response_id, after.provider_status) == ("resp_1", word)
    assert (after.needs_polling, after.next_poll_at) == (False, None)
    assert await store.response(after.id) == done.body
    assert await redis.zrange(queue_name("openai"), 0, -1) == [f"submit:{after.id}:0".encode()]
    assert (await store.counts()).reserved == 0


@pytest.mark.parametrize(
    ("during", "status", "watched"),
    [
        (doubt, Status.COMPLETED, False),
        (cancel, Status.CANCELLED, False),
    ],
    ids=["lease expired", "cancelled"],
)
async def test_an_answer_to_a_post_is_kept_whatever_became_of_its_task(
    store: Store,
    jobs: JobRunner,
    during: Callable[[Task], Change],
    status: Status,
    *,
    watched: bool,
) -> None:
    task = await tasks.accepted(store)
    done = response("completed", usage={"input_tokens": 1, "output_tokens": 1})
    provider = ScriptedProvider(done, meanwhile=Meanwhile(store, task, during))
    after = await jobs.submit(task, provider)
    assert (after.status, after.cost, after.needs_polling) == (status, 135, watched)
    assert await store.response(task.id) == done.body


@pytest.mark.parametrize("word", ["queued", "completed"])
@pytest.mark.parametrize(
    ("during", "status", "ended_from"),
    [
        ([], Status.UNCONFIRMED, None),
        ([doubt], Status.UNCONFIRMED, None),
        ([cancel], Status.CANCELLED, Status.UNCONFIRMED),
    ],
    ids=["submitting", "lease expired", "cancelled"],
)
async def test_the_id_of_another_task_in_a_reply_without_metadata_is_not_taken(
    store: Store,
    jobs: JobRunner,
    word: str,
    during: list[Callable[[Task], Change]],
    status: Status,
    ended_from: Status | None,
) -> None:
    """A gateway returned the response of an earlier request, which must never be shown."""
    others = await tasks.in_progress(store)
    task = await tasks.accepted(store)
    provider = ScriptedProvider(response(word), meanwhile=Meanwhile(store, task, *during))
    after = await jobs.submit(task, provider)
    assert (after.status, after.ended_from, after.response_id) == (status, ended_from, None)
    assert await store.response(task.id) is None
    assert await store.task_of_response("resp_1") == others.id
    if not during:
        assert "belongs to another task" in (after.error_message or "")


async def test_an_id_that_another_task_has_is_taken_where_the_metadata_names_this_one(
    store: Store, jobs: JobRunner
) -> None:
    await tasks.in_progress(store)
    task = await tasks.accepted(store)
    named = response("queued", metadata={"task_id": task.id})
    after = await jobs.submit(task, ScriptedProvider(named))
    assert (after.status, after.response_id) == (Status.IN_PROGRESS, "resp_1")


async def test_an_answer_to_a_post_waits_for_redis(
    redis: Redis, gate: SubmissionGate, store: Store
) -> None:
    class AwayOnce(Store):
        away = True

        async def apply(
            self, change: Change, *, token: str | None = None, durable: bool = False
        ) -> Task | None:
            if change.response and self.away:
                self.away = False
                raise RedisConnectionError
            return await super().apply(change, token=token, durable=durable)

    task = await tasks.accepted(store)
    flaky = AwayOnce(redis, "openai", confirm=False)
    after = await JobRunner(flaky, gate).submit(task, ScriptedProvider(response("completed")))
    assert (after.status, flaky.away) == (Status.COMPLETED, False)
