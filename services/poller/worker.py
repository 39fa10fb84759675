"""The arq worker, wired so that none of arq's ways to lose a job or to die loses a task."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import arq.worker
import structlog
from arq.connections import ArqRedis
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from services.poller.clock import ServerClock
from shared import queue
from shared.errors import TaskNotFound

READ_AHEAD = 1_000
"""Due jobs that a worker looks at; it must exceed what the whole fleet runs at once, because jobs
that run elsewhere stay in that window and hide those behind them."""

RESTART_AFTER = 1.0
"""Seconds before a worker that an outage ended is started again."""

PICK_UP = 2.0
"""Seconds that an order to stop waits for the one job that is just being picked."""

Handler = Callable[..., Awaitable[None]]

log = structlog.get_logger("services.poller")


class QuietWorker(Worker):
    """A worker without arq's health key: writing it to a full store would end the worker."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 -- arq's own
        super().__init__(**settings)
        self.picking = asyncio.Lock()

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        """Mind an order to stop between two jobs; arq would first start all that it has read."""
        async with self.picking:
            for job_id in job_ids:
                if self.allow_pick_jobs:
                    await super().start_jobs([job_id])

    async def record_health(self) -> None:
        """Do nothing: the fleet's heartbeat tells who is alive."""


def use_clock(clock: ServerClock) -> None:
    """Let arq tell due jobs by the store's clock.

    By its own, a worker five minutes fast would run every poll at once, and then the next one.
    """
    arq.worker.timestamp_ms = clock  # type: ignore[attr-defined]  # -- the one override of arq


def build(
    pool: ConnectionPool,
    provider: str,
    handlers: dict[str, Handler],
    *,
    max_jobs: int,
    timeout: int,
) -> QuietWorker:
    """A worker on the provider's queue.

    ``timeout`` (s) bounds every job alike: arq keeps a dead worker's jobs locked for the longest.
    """
    return QuietWorker(
        functions=[
            func(_contained(name, handler), name=name, keep_result=0)
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
        poll_delay=0.05,
        queue_read_limit=READ_AHEAD,
        job_serializer=queue.dump,
        job_deserializer=queue.load,
        log_results=False,
    )


async def serve(build_worker: Callable[[], QuietWorker], stop: asyncio.Event, drain: float) -> None:
    """Run jobs until ``stop``, then let those that run finish for up to ``drain`` seconds.

    A Redis error ends an arq worker; here it is built anew, and its running jobs go on.
    """
    left: set[asyncio.Task[Any]] = set()
    loops: set[asyncio.Task[None]] = set()
    stopping = asyncio.create_task(stop.wait())
    while not stop.is_set():
        worker = build_worker()
        running = asyncio.create_task(worker.main())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        worker.allow_pick_jobs = False
        with suppress(TimeoutError):
            async with asyncio.timeout(PICK_UP), worker.picking:
                pass  # a job that is being picked must be known before jobs are counted
        left |= set(worker.tasks.values())
        if running.done():
            error = running.exception()
            log.warning("queue lost, starting again", error=type(error).__name__)
            await asyncio.wait({stopping}, timeout=RESTART_AFTER)
        else:
            loops.add(running)
    if unfinished := {job for job in left if not job.done()}:
        log.info("stopping, finishing jobs first", jobs=len(unfinished))
        await asyncio.wait(unfinished, timeout=drain)
    await asyncio.gather(*(_end(task) for task in (*left, *loops)))


async def _end(task: asyncio.Task[Any]) -> None:
    """Cancel until it ends: a cancellation in the middle of a Redis call can get lost."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1)


def _contained(name: str, handler: Handler) -> WorkerCoroutine:
    """A job never fails towards arq, which would only log it; the sweep takes its task up again."""

    async def job(ctx: dict[Any, Any], *args: Any) -> None:  # noqa: ARG001, ANN401 -- arq's protocol
        try:
            await handler(*args)
        except TaskNotFound as error:
            log.warning("no such task any more", job=name, task=error.task_id)
        except (RedisError, OSError) as error:
            log.warning("store unavailable", job=name, task=args[0], error=type(error).__name__)
        except Exception:
            log.exception("job failed", job=name, task=args[0])

    return job
