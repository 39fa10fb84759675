"""The poll job as the documentation of arq and of the SDK would have it written."""

import os

from arq import Worker, func
from arq.connections import RedisSettings
from openai import AsyncOpenAI

INTERVAL = float(os.environ["INTERVAL"])


async def poll(ctx: dict, task_id: str) -> None:
    """Retrieve, note the status, and enqueue the next poll."""
    response = await ctx["client"].responses.retrieve(f"resp_{task_id}")
    await ctx["redis"].hset(f"book:{task_id}", mapping={"status": response.status or ""})
    await ctx["redis"].enqueue_job("poll", task_id, _defer_by=INTERVAL)


async def startup(ctx: dict) -> None:
    """Connect, and begin a chain for each task, spread over one interval."""
    ctx["client"] = AsyncOpenAI()
    tasks = int(os.environ["TASKS"])
    for number in range(tasks):
        await ctx["redis"].enqueue_job("poll", f"{number}", _defer_by=1 + INTERVAL * number / tasks)


async def noop(ctx: dict, task_id: str) -> None:
    """Enqueue the next one: what arq alone costs."""
    await ctx["redis"].enqueue_job("noop", task_id, _defer_by=INTERVAL)
    ctx["done"] = ctx.get("done", 0) + 1


async def startup_noop(ctx: dict) -> None:
    """Begin a chain for each task."""
    tasks = int(os.environ["TASKS"])
    for number in range(tasks):
        await ctx["redis"].enqueue_job("noop", f"{number}", _defer_by=1 + INTERVAL * number / tasks)


if __name__ == "__main__":
    jobs, begin = {"poll": (poll, startup), "noop": (noop, startup_noop)}[os.environ["JOB"]]
    Worker(
        functions=[func(jobs, name=os.environ["JOB"], keep_result=0)],
        on_startup=begin,
        redis_settings=RedisSettings.from_dsn(os.environ["REDIS_URL"]),
        max_jobs=100,
        poll_delay=0.05,
    ).run()
