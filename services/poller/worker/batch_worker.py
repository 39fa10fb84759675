"""An arq worker that claims and acknowledges jobs in batches, by one Redis script."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from itertools import chain
from pathlib import Path
from typing import Any

import structlog
from arq.connections import ArqRedis
from arq.constants import job_key_prefix
from arq.jobs import SerializationError, deserialize_job_raw
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from services.poller import metrics
from services.poller.decisions.sweep import SUSPECT_ATTEMPTS
from shared import queue
from shared.domain.errors import TaskNotFound
from shared.store import keys

_CLAIM = (Path(__file__).parent / "claim_jobs.lua").read_text()

MIN_POLL_DELAY_S = 0.05
"""Delay between two reads of the queue, by all pollers together."""

MAX_POLL_DELAY_S = 0.2
"""Delay between two reads by one poller: a job starts late by up to this. In claim_jobs.lua
unused rate expires after the same time."""

Handler = Callable[..., Awaitable[None]]

ClaimedJob = tuple[bytes, bytes, bytes | None, bytes | None]
"""Id, when the claim expires, payload, and the attempts of its task without progress."""

log = structlog.get_logger("services.poller")


def poll_delay(pollers: int) -> float:
    """Seconds until one of ``pollers`` reads again: together they read as often as one alone."""
    return min(MIN_POLL_DELAY_S * max(pollers, 1), MAX_POLL_DELAY_S)


class BatchWorker(Worker):
    """Overrides how arq reads its queue.

    arq makes six round trips per job, lets workers compete for the same jobs, and decides what is
    due by each worker's own clock.
    """

    def __init__(
        self,
        *,
        provider: str,
        rate: float,
        wait: Callable[[], float],
        **settings: Any,  # noqa: ANN401 -- arq's own
    ) -> None:
        super().__init__(**settings)
        self.claiming = asyncio.Lock()
        self._claim = self.pool.register_script(_CLAIM)
        self._keys = [self.queue_name, queue.rate_key(provider), keys.job_starts(provider)]
        self._rate = rate
        self._wait = wait
        self._claims: dict[str, bytes] = {}
        self._done: list[tuple[str, bytes]] = []
        self._suspects = asyncio.Lock()

    async def _poll_iteration(self) -> None:
        """Acknowledge finished jobs, start due ones, and wait. arq's main loop calls this."""
        async with self.claiming:
            room = self.max_jobs - self.job_counter if self.allow_pick_jobs else 0
            claimed = await self.ack_and_claim(room)
            for name, expires, payload, attempts in sorted(claimed, key=_attempts):
                job_id = name.decode()
                self._claims[job_id] = expires
                # After a freeze of this worker a job can be due again while it still runs here.
                if job_id not in self.tasks:
                    self._start(job_id, payload, int(attempts or 0))
        await asyncio.sleep(self._wait())

    async def ack_and_claim(self, room: int = 0) -> list[ClaimedJob]:
        """Remove the finished jobs from the queue, and claim up to ``room`` of the due ones.

        A job that was added again under the same id since it was claimed stays.
        """
        done = list(self._done)
        if not (done or room):
            return []
        hold = int(self.in_progress_timeout_s * 1000)
        arguments = [hold, room, self._rate, job_key_prefix, *chain(*done)]
        claimed: list[ClaimedJob] = await self._claim(self._keys, arguments)
        del self._done[: len(done)]
        return claimed

    def _start(self, job_id: str, payload: bytes | None, attempts: int) -> None:
        self.job_counter += 1
        task = self.loop.create_task(self._run(job_id, payload, attempts))
        task.add_done_callback(lambda _: self._finish(job_id))
        self.tasks[job_id] = task

    def _finish(self, job_id: str) -> None:
        self.job_counter -= 1
        del self.tasks[job_id]
        self._done.append((job_id, self._claims.pop(job_id)))

    async def _run(self, job_id: str, payload: bytes | None, attempts: int) -> None:
        """Run a job. One of another version is dropped, and the sweep reschedules its task."""
        name = None
        try:
            name, args, *_ = deserialize_job_raw(payload or b"", deserializer=queue.load)
            run = self.functions[name].coroutine
        except (SerializationError, KeyError):
            log.warning("unknown_job_dropped", job=job_id, function=name)
            return
        try:
            async with asyncio.timeout(self.job_timeout_s) as limit, self._turn(attempts):
                limit.reschedule(self.loop.time() + self.job_timeout_s)
                await run({}, *args)
        except TimeoutError:
            log.warning("job_timed_out", job=job_id)

    def _turn(self, attempts: int) -> AbstractAsyncContextManager[None]:
        """Suspects run one at a time, so that a worker that stops is held against one task only."""
        return self._suspects if attempts >= SUSPECT_ATTEMPTS else nullcontext()


def _attempts(job: ClaimedJob) -> int:
    return int(job[-1] or 0)


def build(
    pool: ConnectionPool,
    provider: str,
    handlers: dict[str, Handler],
    *,
    max_jobs: int,
    timeout: int,
    rate: float,
    wait: Callable[[], float],
) -> BatchWorker:
    """A worker on the provider's queue.

    ``timeout`` in seconds applies to every job; a dead worker's jobs are due again after it.
    ``rate`` limits the jobs a second of all the provider's workers together. ``wait`` returns the
    seconds until the next read of the queue.
    """
    return BatchWorker(
        provider=provider,
        rate=rate,
        wait=wait,
        functions=[
            func(_guarded(name, handler), name=name, keep_result=0)
            for name, handler in handlers.items()
        ],
        redis_pool=ArqRedis(
            pool,
            job_serializer=queue.dump,
            job_deserializer=queue.load,
            default_queue_name=queue.queue_name(provider),
        ),
        queue_name=queue.queue_name(provider),
        handle_signals=False,
        max_jobs=max_jobs,
        job_timeout=timeout,
        keep_result=0,
        poll_delay=0,  # _poll_iteration waits
        job_serializer=queue.dump,
        job_deserializer=queue.load,
        log_results=False,
    )


def _guarded(name: str, handler: Handler) -> WorkerCoroutine:
    """Log errors here, since arq only counts them. The sweep reschedules the task."""

    async def job(ctx: dict[Any, Any], *args: Any) -> None:  # noqa: ARG001, ANN401 -- arq's protocol
        subject = "response" if name == queue.WEBHOOK else "task"
        structlog.contextvars.bind_contextvars(job=name, **{subject: args[0]})
        try:
            await handler(*args)
        except TaskNotFound as error:
            log.warning("task_not_found", task=error.task_id)
        except (RedisError, OSError) as error:
            log.warning("redis_unavailable", error=type(error).__name__)
        except Exception:
            metrics.JOBS_FAILED.labels(name).inc()
            log.exception("job_failed")

    return job
