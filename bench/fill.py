"""Fills a store with tasks in progress, written by the product's own scripts."""

import asyncio

from redis.asyncio import Redis

from shared import changes
from shared.ids import new_task_id, new_token
from shared.store import Acceptance, Store

AT_ONCE = 50


async def in_progress(redis: Redis, tasks: int, interval: float, wait: float) -> None:
    """``tasks`` tasks whose next polls are spread over ``interval`` seconds, after ``wait``."""
    store = Store(redis, "openai", confirm=False)
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with slots:
            task_id, token = new_task_id(), new_token()
            first_poll = round(1000 * (wait + interval * number / tasks))
            text = b'[{"role":"user","content":[{"type":"input_text","text":"Why?"}]}]'
            accepted = await store.accept(
                Acceptance(task_id, "openai", "Why?", text, limit=tasks + 1)
            )
            claimed = await store.apply(changes.claim(accepted.task, token, 60_000), token=token)
            assert claimed
            await store.apply(
                changes.start(claimed, f"resp_{task_id}", "queued", first_poll, 25_000)
            )

    await asyncio.gather(*(one(number) for number in range(tasks)))
    # The hints to submit are for tasks that are sent already.
    async for key in redis.scan_iter("arq:job:submit:*", count=1000):
        await redis.delete(key)
    queue = "backburner:queue:openai"
    stale = [name for name in await redis.zrange(queue, 0, -1) if name.startswith(b"submit:")]
    if stale:
        await redis.zrem(queue, *stale)
