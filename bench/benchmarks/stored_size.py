"""Measures what a finished task keeps of the store's memory and disk."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

import orjson
from redis.asyncio import Redis

from bench.benchmark import Column, Figures, Part, Target, Turn, value
from bench.harness import EVERYSEC, Scene, scene
from bench.sample_text import prose
from shared.domain import changes
from shared.domain.states import Status
from shared.domain.task import Task
from shared.runtime.ids import new_task_id, new_token
from shared.store import Store, TaskInsert

ANSWER, QUESTION = 100_000, 3_000
"""Characters."""
ROW, RAW = "kept by Backburner", "the same texts as JSON"


def measure(turn: Turn) -> Figures:
    """Tasks that end with 100 KB of prose, each of another chapter."""
    with tempfile.TemporaryDirectory() as folder:
        text = prose(Path(folder))
    tasks = 8 if turn.quick else 30
    step = (len(text) - ANSWER - QUESTION) // tasks
    # Each round begins elsewhere in the book.
    starts = [turn.number * 1_000 + step * each for each in range(tasks)]
    texts = [text[start : start + ANSWER + QUESTION] for start in starts]
    with scene(EVERYSEC) as there:
        return asyncio.run(_kept(there, texts))


async def _kept(there: Scene, texts: list[str]) -> Figures:
    async with Redis.from_url(there.place.redis_url) as redis:
        await _finish(redis, "Why?", "Because.")  # what a store has but once is there before
        before = await _taken(redis, there.place.folder)
        raw = 0
        for text in texts:
            raw += await _finish(redis, text[:QUESTION], text[QUESTION:])
        after = await _taken(redis, there.place.folder)
    kept = {name: (after[name] - before[name]) / len(texts) / 1000 for name in after}
    return {ROW: kept, RAW: dict.fromkeys(kept, raw / len(texts) / 1000)}


async def _finish(redis: Redis, question: str, answer: str) -> int:
    """A whole life by the product's scripts; the bytes of both texts."""
    store = Store(redis, "openai", confirm=False)
    task_id = new_task_id()
    part = {"type": "input_text", "text": question}
    conversation = orjson.dumps([{"role": "user", "content": [part]}])
    response = orjson.dumps(_response(answer))
    new = TaskInsert(task_id, "openai", question[:80], conversation, limit=1_000)
    task = (await store.insert(new)).task
    ending = changes.TaskResult(Status.COMPLETED, response=response, cost=1_000_000)
    life: list[Callable[[Task], changes.Change]] = [
        lambda task: changes.claim(task, new_token(), 60_000),
        lambda task: changes.mark_in_progress(task, f"resp_{task_id}", "queued", 60_000, 60_000),
        lambda task: changes.finish(task, ending, polled=True),
    ]
    for change in life:
        after = await store.apply(change(task))
        assert after is not None
        task = after
    return len(conversation) + len(response)


async def _taken(redis: Redis, folder: Path) -> dict[str, float]:
    """Bytes of all keys, and of the append-only file once it is rewritten."""
    memory = 0
    async for key in redis.scan_iter(count=1_000):
        memory += await redis.memory_usage(key, samples=0)
    await redis.bgrewriteaof()
    while await _rewriting(redis):  # noqa: ASYNC110 -- the store sets no event
        await asyncio.sleep(0.05)
    return {"memory": memory, "disk": _size(folder)}


def _size(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("appendonlydir/*"))


async def _rewriting(redis: Redis) -> bool:
    said = await redis.info("persistence")
    return bool(said["aof_rewrite_in_progress"] or said["aof_rewrite_scheduled"])


def _response(text: str) -> dict[str, object]:
    """As the specification shows one."""
    tool = {
        "type": "web_search",
        "filters": None,
        "search_context_size": "high",
        "user_location": {"type": "approximate", "city": None, "country": None},
    }
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": text}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed"}
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "background": True,
        "model": "gpt-5-pro-2025-10-06",
        "output": [
            {"id": "rs_1", "type": "reasoning", "summary": [], "content": None},
            message | {"content": [part]},
        ],
        "tools": [tool],
        "usage": {"input_tokens": 700, "output_tokens": 25_000, "total_tokens": 25_700},
    }


PART = Part(
    name="at-rest",
    claims="An answer is kept in less than half of its size",
    sync=EVERYSEC,
    measure=measure,
    columns=(
        Column("memory", "Valkey's memory a task (MEMORY USAGE)", "KB"),
        Column("disk", "append-only file a task, rewritten", "KB"),
    ),
    rounds=2,
    against=RAW,
    targets=(
        Target("A finished task in memory", value("memory", ROW), 45, "KB"),
        Target("A finished task on disk", value("disk", ROW), 45, "KB"),
    ),
    note=(
        f"An answer of {ANSWER:,} characters to a question of {QUESTION:,}, both of the King James"
        " Bible, whose verses repeat themselves more than modern prose does. Memory counts every"
        " key, so indexes and the event of each task too."
    ),
)
