"""The poll job as the documentation of arq and of the OpenAI SDK suggests it."""

import os

from arq import Worker, func
from arq.connections import RedisSettings
from openai import AsyncOpenAI

INTERVAL = float(os.environ["INTERVAL"])


async def poll(ctx: dict, task_id: str) -> None:
    """Retrieve the response, store its status, and enqueue the next poll."""
    response = await ctx["client"].responses.retrieve(f"resp_{task_id}")
    await ctx["redis"].hset(f"book:{task_id}", mapping={"status": response.status or ""})
    await ctx["redis"].enqueue_job("poll", task_id, _defer_by=INTERVAL)


async def startup(ctx: dict) -> None:
    """Connect, and start a chain of polls for each task, spread over one interval."""
    ctx["client"] = AsyncOpenAI()
    tasks = int(os.environ["TASKS"])
    for number in range(tasks):
        await ctx["redis"].enqueue_job("poll", f"{number}", _defer_by=1 + INTERVAL * number / tasks)


if __name__ == "__main__":
    Worker(
        functions=[func(poll, keep_result=0)],
        on_startup=startup,
        redis_settings=RedisSettings.from_dsn(os.environ["REDIS_URL"]),
        max_jobs=100,
        poll_delay=0.05,
    ).run()
