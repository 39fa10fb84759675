"""Fills a store with completed tasks whose text lengths and word frequencies are realistic."""

import itertools
import random
from collections.abc import Callable

import orjson
from redis.asyncio import Redis

from shared.domain import changes
from shared.domain.states import Status
from shared.domain.task import Task
from shared.queue import queue_name
from shared.runtime.ids import new_task_id
from shared.store import Store, TaskInsert, keys
from shared.store.compression import compress

COMMON = "the"
RARE = "xylophone"
RARE_TASKS = 10
STATUSES = (*[Status.COMPLETED] * 8, Status.FAILED, Status.CANCELLED)
PIPELINE = 500
PROVIDER = "simulator"
VOCABULARY = 60_000


class Writer:
    """Writes paragraphs of words whose frequencies follow Zipf's law."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- not for secrets
        words = [COMMON, *{self._word() for _ in range(VOCABULARY)}]
        weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(words))))
        self._paragraphs = [
            " ".join(
                self._random.choices(words, cum_weights=weights, k=self._random.randint(20, 120))
            )
            for _ in range(4_000)
        ]

    def _word(self) -> str:
        syllables = self._random.choices("bcdfghjklmnprstvwz", k=self._random.randint(1, 5))
        return "".join(letter + self._random.choice("aeiou") for letter in syllables)

    def text(self, paragraphs: float) -> str:
        """Return about so many paragraphs of 450 characters, often fewer, sometimes many more."""
        count = max(1, round(self._random.lognormvariate(0, 0.7) * paragraphs))
        return "\n\n".join(self._random.choices(self._paragraphs, k=count))


async def fill(redis: Redis, tasks: int) -> None:
    """Store so many ended tasks, with records like those that the store's own scripts write."""
    writer = Writer(tasks)
    examples = [await _example(redis, status) for status in STATUSES]
    for first in range(len(STATUSES) + 1, tasks + 1, PIPELINE):
        async with redis.pipeline(transaction=False) as pipe:
            for seq in range(first, min(first + PIPELINE, tasks + 1)):
                status = STATUSES[seq % len(STATUSES)]
                rare = seq % max(tasks // RARE_TASKS, 1) == tasks // RARE_TASKS // 2
                answer = writer.text(12) + (f" {RARE}" if rare else "")
                record = examples[seq % len(STATUSES)] | {b"title": writer.text(1)[:80]}
                await _write(pipe, record, seq, status, writer.text(3), answer)
            await pipe.execute()
    await redis.mset({keys.SEQUENCE: tasks, keys.CHANGE_COUNTER: tasks})
    await _date(redis)


async def _date(redis: Redis) -> None:
    """Set the creation times one second apart, in the order of the list."""
    ids = await redis.zrange(keys.tasks(), 0, -1)
    seconds, _ = await redis.time()
    for first in range(0, len(ids), PIPELINE):
        async with redis.pipeline(transaction=False) as pipe:
            for number, task_id in enumerate(ids[first : first + PIPELINE], first):
                created_at = 1000 * (seconds - len(ids) + number)
                pipe.hset(keys.record(task_id.decode()), "created_at", created_at)
            await pipe.execute()


async def _write(
    pipe: Redis, record: dict[bytes, object], seq: int, status: Status, *texts: str
) -> None:
    prompt, answer = texts
    task_id = new_task_id()
    pipe.hset(keys.record(task_id), mapping=record | {b"id": task_id, b"seq": seq})
    pipe.set(keys.conversation(task_id), await compress(_conversation(prompt)))
    if status is Status.COMPLETED:
        pipe.set(keys.response(task_id), await compress(_response(answer)))
    for index in (keys.tasks(), keys.status(status), keys.CHANGE_INDEX):
        pipe.zadd(index, {task_id: seq})


async def _example(redis: Redis, status: Status) -> dict[bytes, object]:
    task = await ended_task(redis, "Why?", _response("Because."), status)
    record: dict[bytes, object] = await redis.hgetall(keys.record(task.id))
    return record


async def ended_task(
    redis: Redis, title: str, response: bytes, status: Status = Status.COMPLETED
) -> Task:
    """Store a task that ended with this response, by the store's own changes."""
    store = Store(redis, PROVIDER, confirm=False)
    acceptance = TaskInsert(new_task_id(), PROVIDER, title, _conversation("Why?"), limit=1_000)
    task: Task | None = (await store.insert(acceptance)).task
    ending = changes.TaskResult(status, response=response, cost=1_000_000)
    steps: list[Callable[[Task], changes.Change]] = [
        lambda task: changes.claim(task, "a claim", 60_000),
        lambda task: changes.mark_in_progress(task, f"resp_{task.id}", "queued", 60_000, 60_000),
        lambda task: changes.finish(task, ending, polled=True),
    ]
    for step in steps:
        assert task is not None
        task = await store.apply(step(task))
    assert task is not None
    await redis.delete(queue_name(PROVIDER))
    return task


def _conversation(text: str) -> bytes:
    part = {"type": "input_text", "text": text}
    return orjson.dumps([{"role": "user", "content": [part]}])


def _response(text: str) -> bytes:
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "role": "assistant", "content": [part]}
    return orjson.dumps({"id": "resp", "status": "completed", "output": [message]})
