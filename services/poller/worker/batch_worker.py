"""The arq worker, wired so that none of arq's ways to lose a job or to die loses a task."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
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

_PICK = (Path(__file__).parent / "claim_jobs.lua").read_text()

MIN_POLL_DELAY_S = 0.05
"""Seconds between two looks into the queue, by whichever poller."""

MAX_POLL_DELAY_S = 0.2
"""Seconds between two looks of one poller at most: what it finds is late by that. What the provider
may be asked goes unused if nobody looks for longer (claim_jobs.lua)."""

Handler = Callable[..., Awaitable[None]]

ClaimedJob = tuple[bytes, bytes | None, bytes | None]
"""A job's id and payload, and how many jobs of its task were started in vain."""

log = structlog.get_logger("services.poller")


def poll_delay(pollers: int) -> float:
    """Seconds until one of so many looks again: together they look as often as one alone."""
    return min(MIN_POLL_DELAY_S * max(pollers, 1), MAX_POLL_DELAY_S)


class BatchWorker(Worker):
    """arq's worker, its jobs picked up and put away many at a time by one script.

    Its own way takes six exchanges with the store for each job, lets several workers fight over the
    same ones, and tells what is due by each worker's own clock.
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
        self.picking = asyncio.Lock()
        self._pick = self.pool.register_script(_PICK)
        self._keys = [self.queue_name, queue.rate_key(provider), keys.job_starts(provider)]
        self._rate = rate
        self._wait = wait
        self._done: list[str] = []
        self._suspects = asyncio.Lock()

    async def _poll_iteration(self) -> None:
        """Forget what is done, take what is due, and wait: arq's loop calls this at every turn."""
        async with self.picking:
            room = self.max_jobs - self.job_counter if self.allow_pick_jobs else 0
            taken = await self.ack_and_claim(room)
            for job_id, payload, starts in sorted(taken, key=lambda job: int(job[2] or 0)):
                # Due again while it still runs here: this worker was frozen meanwhile.
                if job_id.decode() not in self.tasks:
                    self._start(job_id.decode(), payload, int(starts or 0))
        await asyncio.sleep(self._wait())

    async def ack_and_claim(self, room: int = 0) -> list[ClaimedJob]:
        """Tell the queue which jobs are done, and take as many of the due ones as there is room."""
        done = list(self._done)
        if not (done or room):
            return []
        hold = int(self.in_progress_timeout_s * 1000)
        arguments = [hold, room, self._rate, job_key_prefix, *done]
        taken: list[ClaimedJob] = await self._pick(self._keys, arguments)
        del self._done[: len(done)]
        return taken

    def _start(self, job_id: str, payload: bytes | None, starts: int) -> None:
        self.job_counter += 1
        task = self.loop.create_task(self._run(job_id, payload, starts))
        task.add_done_callback(lambda _: self._ended(job_id))
        self.tasks[job_id] = task

    def _ended(self, job_id: str) -> None:
        self.job_counter -= 1
        del self.tasks[job_id]
        self._done.append(job_id)

    async def _run(self, job_id: str, payload: bytes | None, starts: int) -> None:
        """Run it; a job that cannot be run is dropped, for the sweep to make another."""
        name = None
        try:
            name, args, *_ = deserialize_job_raw(payload or b"", deserializer=queue.load)
            run = self.functions[name].coroutine
        except (SerializationError, KeyError):
            log.warning("job dropped, not one of this version", job=job_id, function=name)
            return
        try:
            async with asyncio.timeout(self.job_timeout_s) as limit, self._turn(starts):
                limit.reschedule(self.loop.time() + self.job_timeout_s)
                await run({}, *args)
        except TimeoutError:
            log.warning("job took too long", job=job_id)

    def _turn(self, starts: int) -> AbstractAsyncContextManager[None]:
        """Suspects run one at a time: should the worker die, only the one it died over counts."""
        return self._suspects if starts >= SUSPECT_ATTEMPTS else nullcontext()


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

    ``timeout`` (s) bounds every job alike: a dead worker's jobs are due again only after it.
    ``rate`` is how many jobs a second all workers of the provider take together, ``wait`` the
    seconds to the next look into the queue.
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
        poll_delay=0,  # it waits by itself
        job_serializer=queue.dump,
        job_deserializer=queue.load,
        log_results=False,
    )


def _guarded(name: str, handler: Handler) -> WorkerCoroutine:
    """A job never fails towards arq, which would only log it; the sweep takes its task up again."""

    async def job(ctx: dict[Any, Any], *args: Any) -> None:  # noqa: ARG001, ANN401 -- arq's protocol
        subject = "response" if name == queue.WEBHOOK else "task"
        structlog.contextvars.bind_contextvars(job=name, **{subject: args[0]})
        try:
            await handler(*args)
        except TaskNotFound as error:
            log.warning("no such task any more", task=error.task_id)
        except (RedisError, OSError) as error:
            log.warning("store unavailable", error=type(error).__name__)
        except Exception:
            metrics.JOBS_FAILED.labels(name).inc()
            log.exception("job failed")

    return job
