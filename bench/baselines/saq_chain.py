"""Jobs that only enqueue the next one: what SAQ alone costs."""

import asyncio
import logging
import os
import time

from saq import Queue, Worker

from bench.baselines.counter import Counter

INTERVAL, TASKS = float(os.environ["INTERVAL"]), int(os.environ["TASKS"])
counter = Counter()


async def noop(ctx: dict, *, task: int) -> None:
    """Enqueue the next one; SAQ knows whole seconds only."""
    queue = ctx["worker"].queue
    await queue.enqueue("noop", task=task, scheduled=int(time.time() + INTERVAL), ttl=-1)
    counter.add()


async def main() -> None:
    """Begin the chains, and work."""
    logging.getLogger("saq").setLevel(logging.ERROR)
    queue = Queue.from_url(os.environ["REDIS_URL"])
    await queue.connect()
    worker = Worker(queue, functions=[noop], concurrency=100)
    running = asyncio.create_task(worker.start())
    for number in range(TASKS):
        due = int(time.time() + 1 + INTERVAL * number / TASKS)
        await queue.enqueue("noop", task=number, scheduled=due, ttl=-1)
    await running


if __name__ == "__main__":
    asyncio.run(main())
