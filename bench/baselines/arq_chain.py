"""Jobs that only enqueue the next one: what arq alone costs."""

import os

from arq import Worker, func
from arq.connections import RedisSettings

from bench.baselines.counter import Counter

INTERVAL, TASKS = float(os.environ["INTERVAL"]), int(os.environ["TASKS"])
counter = Counter()


async def noop(ctx: dict, task: int) -> None:
    """Enqueue the next one."""
    await ctx["redis"].enqueue_job("noop", task, _defer_by=INTERVAL)
    counter.add()


async def startup(ctx: dict) -> None:
    """Begin the chains, in the first of the workers."""
    for number in range(TASKS):
        await ctx["redis"].enqueue_job("noop", number, _defer_by=1 + INTERVAL * number / TASKS)


if __name__ == "__main__":
    Worker(
        functions=[func(noop, keep_result=0)],
        on_startup=startup if os.environ["FIRST"] == "1" else None,
        redis_settings=RedisSettings.from_dsn(os.environ["REDIS_URL"]),
        max_jobs=100,
        poll_delay=0.05,
    ).run()
