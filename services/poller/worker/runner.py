"""Runs the worker until the process stops, and restarts it after an outage of Redis."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from redis.exceptions import RedisError

from services.poller.worker.batch_worker import BatchWorker
from shared.runtime.cancellation import cancel_and_wait

RESTART_DELAY_S = 1.0
"""Delay before a worker is rebuilt after an outage of Redis."""

CLAIM_TIMEOUT_S = 2.0
"""How long a stop waits for jobs that are being claimed."""

log = structlog.get_logger("services.poller")


async def run_worker(
    build_worker: Callable[[], BatchWorker], stop: asyncio.Event, drain_s: float
) -> None:
    """Run jobs until ``stop``, then wait up to ``drain_s`` seconds for those that run.

    A Redis error ends an arq worker. A new one takes over, and the running jobs continue.
    """
    jobs: set[asyncio.Task[Any]] = set()
    loops: set[asyncio.Task[None]] = set()
    stopping = asyncio.create_task(stop.wait())
    worker = None
    while not stop.is_set():
        worker = build_worker()
        running = asyncio.create_task(worker.main())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        worker.allow_pick_jobs = False
        with suppress(TimeoutError):
            async with asyncio.timeout(CLAIM_TIMEOUT_S), worker.claiming:
                pass  # jobs that are being claimed must be counted below
        jobs |= set(worker.tasks.values())
        if running.done():
            error = running.exception()
            log.warning(
                "queue_connection_lost", error=type(error).__name__, retry_in_s=RESTART_DELAY_S
            )
            await asyncio.wait({stopping}, timeout=RESTART_DELAY_S)
        else:
            loops.add(running)
    if unfinished := {job for job in jobs if not job.done()}:
        log.info("running_jobs_awaited", jobs=len(unfinished), timeout_s=drain_s)
        await asyncio.wait(unfinished, timeout=drain_s)
    await cancel_and_wait(*jobs, *loops)
    if worker:
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(CLAIM_TIMEOUT_S):
                await worker.ack_and_claim()
