"""The worker never lets a job fail towards arq, and never leaves one behind."""

import asyncio
import time
from typing import Any

import pytest
from arq.worker import Worker
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from services.poller.decisions.sweep import SUSPECT_ATTEMPTS
from services.poller.worker import batch_worker
from services.poller.worker.batch_worker import BatchWorker
from shared import queue
from shared.domain.errors import TaskNotFound
from shared.store import keys


def build(redis: Redis, handler: batch_worker.Handler, rate: float = 10_000) -> Worker:
    handlers = {queue.POLL: handler}
    return batch_worker.build(
        redis.connection_pool,
        "openai",
        handlers,
        max_jobs=7,
        timeout=60,
        rate=rate,
        wait=lambda: 0,
    )


class Handler:
    """Keeps the arguments of each call, and waits until it may finish."""

    def __init__(self, *, waits: bool = False) -> None:
        self.calls: list[Any] = []
        self.may_finish = asyncio.Event()
        if not waits:
            self.may_finish.set()

    async def __call__(self, *args: Any) -> None:
        self.calls.append(args)
        await self.may_finish.wait()


async def nothing(*_: Any) -> None: ...


async def turn(built: Worker) -> None:
    """One iteration of arq's loop."""
    await built._poll_iteration()  # noqa: SLF001 -- arq names it so


async def test_arqs_loop_runs_on_the_method_that_is_overridden(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    overridden = vars(BatchWorker).keys() & vars(Worker).keys() - vars(object).keys()
    assert overridden - {"__module__"} == {"_poll_iteration"}
    called = asyncio.Event()

    async def poll_iteration(_: Worker) -> None:
        called.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(BatchWorker, "_poll_iteration", poll_iteration)
    monkeypatch.setattr("arq.worker.log_redis_info", nothing)  # fakeredis has no INFO
    monkeypatch.setattr(Worker, "start_jobs", None)  # arq's own way to claim jobs
    loop = asyncio.create_task(build(redis, nothing).main())
    await asyncio.wait_for(called.wait(), 5)
    loop.cancel()
    await asyncio.wait({loop})


@pytest.mark.parametrize(
    "error",
    [None, TaskNotFound("task_1"), RedisConnectionError(), OSError(), NotImplementedError()],
    ids=repr,
)
async def test_a_job_that_fails_fails_quietly(redis: Redis, error: Exception | None) -> None:
    ran: list[Any] = []

    async def handler(*args: Any) -> None:
        ran.append(args)
        if error:
            raise error

    built = build(redis, handler)
    assert await built.functions["poll"].coroutine({}, "task_1", 1, 1) is None
    assert ran == [("task_1", 1, 1)]


async def test_a_job_can_be_cancelled(redis: Redis) -> None:
    built = build(redis, Handler(waits=True))
    job = asyncio.create_task(built.functions["poll"].coroutine({}, "task_1", 1, 1))
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job


async def test_the_worker_sets_arqs_options_that_must_not_change(redis: Redis) -> None:
    built = build(redis, nothing)
    function = built.functions["poll"]
    assert built.queue_name == queue.queue_name("openai")
    assert (built.job_serializer, built.job_deserializer) == (queue.dump, queue.load)
    # A kept result would refuse the next job of the same id.
    assert (function.keep_result_s, built.keep_result_s) == (0, 0)
    assert (built.max_jobs, built.job_timeout_s) == (7, 60)


def test_pollers_together_claim_as_often_as_one_alone_and_each_at_least_every_200_ms() -> None:
    for pollers in range(1, 5):
        assert pollers / batch_worker.poll_delay(pollers) == pytest.approx(
            1 / batch_worker.poll_delay(1)
        )
    assert batch_worker.poll_delay(100) == 0.2
    assert batch_worker.poll_delay(0) == batch_worker.poll_delay(1)  # one that is not counted yet


@pytest.mark.parametrize(("stopping", "due"), [(True, 1.0), (False, 4e12)])
async def test_a_stopping_worker_claims_no_job_and_another_none_before_it_is_due(
    redis: Redis, due: float, *, stopping: bool
) -> None:
    built = build(redis, nothing)
    await redis.zadd(built.queue_name, {"poll:1": due, "poll:2": due})
    built.allow_pick_jobs = not stopping
    await turn(built)
    assert built.tasks == {}


async def put(redis: Redis, *jobs: queue.Job) -> None:
    for job in jobs:
        await redis.set(job.key, job.payload)
        await redis.zadd(queue.queue_name("openai"), {job.id: 1})


async def left(redis: Redis) -> list[bytes]:
    """What is there of the queue and its jobs."""
    return [key for key in await redis.keys() if key != queue.rate_key("openai").encode()]


async def test_jobs_are_run_with_their_arguments_and_then_forgotten(redis: Redis) -> None:
    handler = Handler()
    built = build(redis, handler)
    jobs = [queue.poll_job("task_1", 1, number, 0) for number in (1, 2)]
    await put(redis, *jobs)
    await turn(built)
    await asyncio.gather(*built.tasks.values())
    assert sorted(handler.calls) == [("task_1", 1, 1), ("task_1", 1, 2)]
    assert (built.job_counter, built.tasks) == (0, {})
    await turn(built)
    assert await left(redis) == []


async def test_a_job_is_one_workers_alone_and_due_again_should_it_die(redis: Redis) -> None:
    first, second = build(redis, Handler(waits=True)), build(redis, nothing)
    job = queue.poll_job("task_1", 1, 1, 0)
    await put(redis, job)
    await turn(first)
    await turn(second)
    assert (len(first.tasks), len(second.tasks)) == (1, 0)
    again = await redis.zscore(first.queue_name, job.id)
    assert again >= time.time() * 1000 + 60_000
    first.tasks[job.id].cancel()


async def test_a_job_that_is_due_again_while_it_runs_is_not_run_twice(redis: Redis) -> None:
    handler = Handler(waits=True)
    built = build(redis, handler)
    job = queue.poll_job("task_1", 1, 1, 0)
    for _ in range(2):
        await put(redis, job)
        await turn(built)
        await asyncio.sleep(0)
    handler.may_finish.set()
    await asyncio.gather(*built.tasks.values())
    await turn(built)
    assert (handler.calls, built.job_counter) == ([("task_1", 1, 1)], 0)
    assert await left(redis) == []


@pytest.mark.parametrize("added", ["while it runs", "after its end"])
async def test_a_job_that_is_added_again_before_it_is_acknowledged_is_not_lost(
    redis: Redis, added: str
) -> None:
    """As by the second deletion of a task that a backup brought back."""
    handler = Handler(waits=True)
    built = build(redis, handler)
    job = queue.delete_job("task_1", 0, 0, 0)
    built.functions[queue.DELETE] = built.functions[queue.POLL]
    await put(redis, job)
    await turn(built)
    running = list(built.tasks.values())
    if added == "while it runs":
        await put(redis, job)
    handler.may_finish.set()
    await asyncio.gather(*running)
    if added == "after its end":
        await put(redis, job)
    for _ in range(2):
        await turn(built)
        await asyncio.gather(*built.tasks.values())
    assert len(handler.calls) == 2
    assert await left(redis) == []


async def test_a_worker_claims_no_more_jobs_than_it_may_run(redis: Redis) -> None:
    built = build(redis, Handler(waits=True))
    await put(redis, *(queue.poll_job("task_1", 1, number, 0) for number in range(9)))
    await turn(built)
    assert len(built.tasks) == built.job_counter == 7
    await turn(built)
    assert len(built.tasks) == 7
    for task in built.tasks.values():
        task.cancel()


async def test_all_workers_together_keep_the_rate_and_claim_the_longest_due_first(
    redis: Redis,
) -> None:
    handler = Handler()
    fleet = [build(redis, handler, rate=20) for _ in range(3)]
    name = queue.queue_name("openai")
    for number in range(1, 13):
        job = queue.poll_job("task_1", 1, number, 0)
        await redis.set(job.key, job.payload)
        await redis.zadd(name, {job.id: number})

    async def round_of_all() -> None:
        for each in fleet:
            await turn(each)
        await asyncio.gather(*(job for each in fleet for job in each.tasks.values()))

    since = time.monotonic()
    while len(handler.calls) < 12:
        await round_of_all()
        # What a fifth of a second would have allowed may be used at once, and no more than that.
        # The store counts whole milliseconds.
        assert len(handler.calls) <= 4 + 20 * (time.monotonic() - since + 0.002)
    assert [number for _, _, number in handler.calls] == list(range(1, 13))


async def test_a_rate_of_one_a_second_claims_one_job(redis: Redis) -> None:
    built = build(redis, nothing, rate=1)
    await put(redis, *(queue.poll_job("task_1", 1, number, 0) for number in range(9)))
    await turn(built)
    assert len(built.tasks) == 1


async def test_jobs_of_suspects_run_one_at_a_time_and_hold_up_no_other(redis: Redis) -> None:
    """When the worker dies, only the one that ran has been counted as started."""
    running: list[str] = []
    finish = asyncio.Semaphore(0)

    async def handler(task_id: str, *_: Any) -> None:
        running.append(task_id)
        await finish.acquire()
        running.remove(task_id)

    built = build(redis, handler)
    tasks = {
        "suspect_9": 9,
        "suspect_2": SUSPECT_ATTEMPTS,
        "unlucky": SUSPECT_ATTEMPTS - 1,
        "new": 0,
    }
    await redis.hset(keys.job_starts("openai"), mapping={name: n for name, n in tasks.items() if n})
    await put(redis, *(queue.poll_job(task_id, 1, 1, 0) for task_id in tasks))
    await turn(built)
    jobs = list(built.tasks.values())

    await asyncio.sleep(0)
    assert sorted(running) == ["new", "suspect_2", "unlucky"], "the least suspected comes first"
    for _ in range(3):
        finish.release()
    await asyncio.wait(jobs, return_when=asyncio.ALL_COMPLETED, timeout=0.1)
    assert running == ["suspect_9"]
    finish.release()
    await asyncio.gather(*jobs)
    assert running == []


async def test_a_suspect_waits_no_longer_for_its_turn_than_a_job_may_take(redis: Redis) -> None:
    handler = Handler(waits=True)
    built = build(redis, handler)
    built.job_timeout_s = 0.05
    for number in range(3):
        await redis.hset(keys.job_starts("openai"), f"suspect_{number}", SUSPECT_ATTEMPTS)
        await put(redis, queue.poll_job(f"suspect_{number}", 1, 1, 0))
    await turn(built)
    await asyncio.gather(*built.tasks.values())
    assert handler.calls[0] == ("suspect_0", 1, 1)
    assert len(handler.calls) < 3
    await built.ack_and_claim()
    assert not await redis.exists(built.queue_name)


@pytest.mark.parametrize(
    "payload", [None, b"junk", queue.Job("j", "no_such_job", (), 0).payload], ids=repr
)
async def test_a_job_that_cannot_be_run_is_dropped_for_the_sweep(
    redis: Redis, payload: bytes | None
) -> None:
    built = build(redis, nothing)
    await redis.zadd(built.queue_name, {"poll:1": 1})
    if payload is not None:
        await redis.set("arq:job:poll:1", payload)
    await turn(built)
    await asyncio.gather(*built.tasks.values())
    await built.ack_and_claim()
    assert await left(redis) == []


async def test_finished_jobs_are_acknowledged_when_redis_is_back(redis: Redis) -> None:
    built = build(redis, nothing)
    await put(redis, queue.poll_job("task_1", 1, 1, 0))
    await turn(built)
    await asyncio.gather(*built.tasks.values())
    pick = built._claim  # noqa: SLF001 -- the store is away

    async def away(*_: Any) -> None:
        raise RedisConnectionError

    built._claim = away  # noqa: SLF001 -- as if the store were away
    with pytest.raises(RedisConnectionError):
        await built.ack_and_claim()
    built._claim = pick  # noqa: SLF001 -- and back
    await built.ack_and_claim()
    assert await left(redis) == []
