"""Keeps a worker running: over outages of the store, and to an orderly end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from redis.exceptions import RedisError

from services.poller.worker.batch_worker import BatchWorker
from shared.runtime.cancellation import cancel_and_wait

RESTART_DELAY_S = 1.0
"""Seconds before a worker that an outage ended is started again."""

PICK_TIMEOUT_S = 2.0
"""Seconds that an order to stop waits for the one job that is just being picked."""

log = structlog.get_logger("services.poller")


async def run_worker(
    build_worker: Callable[[], BatchWorker], stop: asyncio.Event, drain: float
) -> None:
    """Run jobs until ``stop``, then let those that run finish for up to ``drain`` seconds.

    A Redis error ends an arq worker; here it is built anew, and its running jobs go on.
    """
    left: set[asyncio.Task[Any]] = set()
    loops: set[asyncio.Task[None]] = set()
    stopping = asyncio.create_task(stop.wait())
    worker = None
    while not stop.is_set():
        worker = build_worker()
        running = asyncio.create_task(worker.main())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        worker.allow_pick_jobs = False
        with suppress(TimeoutError):
            async with asyncio.timeout(PICK_TIMEOUT_S), worker.picking:
                pass  # a job that is being picked must be known before jobs are counted
        left |= set(worker.tasks.values())
        if running.done():
            error = running.exception()
            log.warning("queue lost, starting again", error=type(error).__name__)
            await asyncio.wait({stopping}, timeout=RESTART_DELAY_S)
        else:
            loops.add(running)
    if unfinished := {job for job in left if not job.done()}:
        log.info("stopping, finishing jobs first", jobs=len(unfinished))
        await asyncio.wait(unfinished, timeout=drain)
    await cancel_and_wait(*left, *loops)
    if worker:
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(
                PICK_TIMEOUT_S
            ):  # a store that is away may not hold up the end
                await worker.ack_and_claim()
