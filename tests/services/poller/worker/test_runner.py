"""A worker is kept running over outages, and comes to an orderly end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from services.poller.worker.runner import run_worker


class Loop:
    """A worker as ``serve`` sees it: a main loop, and jobs that go on without it."""

    def __init__(self, main: Callable[[], Awaitable[Any]], *jobs: "asyncio.Task[Any]") -> None:
        self.main = main
        self.tasks = {str(number): job for number, job in enumerate(jobs)}
        self.allow_pick_jobs = True
        self.claiming = asyncio.Lock()

    async def ack_and_claim(self) -> None:
        """Nothing is done."""


async def finish(event: asyncio.Event) -> str:
    await event.wait()
    return "finished"


async def for_ever() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("redis_fails", [False, True])
async def test_at_the_stop_nothing_new_begins_and_running_jobs_may_finish(
    *, redis_fails: bool
) -> None:
    stop, answered, began = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def main() -> None:
        began.set()
        if redis_fails:
            raise RedisConnectionError
        await for_ever()

    job = asyncio.create_task(finish(answered))
    loop = Loop(main, job)
    serving = asyncio.create_task(run_worker(lambda: loop, stop, drain_s=10))
    await began.wait()
    stop.set()
    await asyncio.wait({serving}, timeout=0.05)
    assert (loop.allow_pick_jobs, serving.done()) == (False, False)
    answered.set()
    await asyncio.wait_for(serving, 5)
    assert job.result() == "finished"


async def test_a_job_that_is_being_picked_at_the_stop_may_finish_too() -> None:
    stop, answered = asyncio.Event(), asyncio.Event()
    loop = Loop(for_ever)
    await loop.claiming.acquire()
    serving = asyncio.create_task(run_worker(lambda: loop, stop, drain_s=10))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait({serving}, timeout=0.05)
    loop.tasks["late"] = asyncio.create_task(finish(answered))
    loop.claiming.release()
    await asyncio.wait({serving}, timeout=0.05)
    answered.set()
    await asyncio.wait_for(serving, 5)
    assert loop.tasks["late"].result() == "finished"


async def test_jobs_that_do_not_finish_in_time_are_cancelled() -> None:
    stop = asyncio.Event()
    job = asyncio.create_task(for_ever())
    serving = asyncio.create_task(run_worker(lambda: Loop(for_ever, job), stop, drain_s=0.01))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(serving, 5)
    assert job.cancelled()


async def test_a_new_worker_starts_after_an_outage() -> None:
    stop = asyncio.Event()

    async def outage() -> None:
        raise RedisConnectionError

    async def works() -> None:
        stop.set()
        await for_ever()

    loops = iter([Loop(outage), Loop(works)])
    await asyncio.wait_for(run_worker(lambda: next(loops), stop, drain_s=1), 5)
    assert next(loops, None) is None


async def test_a_stop_before_the_start_starts_nothing() -> None:
    stop = asyncio.Event()
    stop.set()
    begun: list[Any] = []
    await run_worker(lambda: begun.append(1) or Loop(for_ever), stop, drain_s=1)
    assert begun == []
