"""Fills a store with tasks in progress, written by the store's own scripts."""

import asyncio
import time
from collections.abc import Iterator, Sequence

from redis.asyncio import Redis

from shared.domain import changes
from shared.queue import queue_name
from shared.runtime.ids import new_task_id, new_token
from shared.store import Store, TaskInsert, keys

MAX_CONCURRENT_WRITES = 50
SWEEP_AFTER_MS = 25_000
DISTANT_S = 3_600
"""Due times are first this far ahead, so that nothing is due before everything is written."""

_SHIFT = """
for _, key in ipairs(KEYS) do
  local all = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  for index = 1, #all, 2 do
    redis.call('ZADD', key, string.format('%.0f', all[index + 1] + ARGV[1]), all[index])
  end
end"""


async def in_progress(redis: Redis, tasks: int, interval: float, wait: float) -> dict[str, float]:
    """Store tasks whose next polls are spread over ``interval`` seconds, beginning after ``wait``.

    Returns the due times in milliseconds since the epoch by the response ids.
    """
    store = Store(redis, "openai", confirm=False)
    slots = asyncio.Semaphore(MAX_CONCURRENT_WRITES)
    begin = 1000 * (time.time() + DISTANT_S)

    async def one(number: int) -> None:
        async with slots:
            task_id, token = new_task_id(), new_token()
            text = b'[{"role":"user","content":[{"type":"input_text","text":"Why?"}]}]'
            accepted = await store.insert(
                TaskInsert(task_id, "openai", "Why?", text, limit=tasks + 1)
            )
            claimed = await store.apply(changes.claim(accepted.task, token, 60_000), token=token)
            assert claimed
            due = begin + 1000 * interval * number / tasks
            delay = round(due - 1000 * time.time())
            await store.apply(
                changes.mark_in_progress(
                    claimed, f"resp_{task_id}", "queued", delay, SWEEP_AFTER_MS
                )
            )

    await asyncio.gather(*(one(number) for number in range(tasks)))
    # Their submit jobs are obsolete: they are submitted.
    queue = queue_name("openai")
    for some in batched([name async for name, _ in redis.zscan_iter(queue, "submit:*")], 1_000):
        await redis.delete(*(b"arq:job:" + name for name in some))
        await redis.zrem(queue, *some)
    shift = round(1000 * (time.time() + wait) - begin)
    await redis.eval(_SHIFT, 2, queue, keys.sweep_queue("openai"), shift)
    waiting = await redis.zrange(queue, 0, -1, withscores=True)
    return {f"resp_{name.split(b':')[1].decode()}": due for name, due in waiting}


def batched(names: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    """Split the names into batches."""
    return (names[first : first + size] for first in range(0, len(names), size))
