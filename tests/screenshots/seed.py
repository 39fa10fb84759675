"""Fills a store with the tasks of the stories, by the product's own scripts, and dates them."""

import re
from typing import Any

import orjson
from redis.asyncio import Redis

from shared.domain import changes
from shared.domain.states import Status
from shared.domain.task import Task
from shared.queue import queue_name
from shared.runtime.ids import new_task_id
from shared.store import Store, TaskInsert, keys
from tests.screenshots import sample_tasks
from tests.screenshots.sample_tasks import DAY, MINUTE, Ended

PROVIDER = "openai"
LOST = "The connection broke after the request had been sent, before any answer came."


class Stage:
    """One store; times are milliseconds, ``now`` is the store's."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._store = Store(redis, PROVIDER, confirm=False)

    async def set(self) -> dict[str, str]:
        """Every task of the stories; those with a part in a picture by name."""
        seconds, _ = await self._redis.time()
        now = seconds * 1000
        ids = {}
        for story in sorted(sample_tasks.history(), key=lambda each: -each.ago):
            ids[story.title] = await self._ended(story, now)
        ids[sample_tasks.UNCONFIRMED] = await self._unconfirmed(now)
        ids[sample_tasks.WAITING] = await self._waiting(now)
        return ids

    async def _ended(self, story: Ended, now: int) -> str:
        task = await self._sent(story.title)
        answer = (
            sample_tasks.ANSWER
            if story.title == sample_tasks.READ
            else "It is in the other picture."
        )
        failed = story.status is Status.FAILED
        ending = changes.TaskResult(
            story.status,
            "server_error" if failed else None,
            "The server had an error while processing your request." if failed else None,
            response=None if failed else orjson.dumps(_response(answer)),
            usage=None if failed else orjson.dumps(_usage(story.cents)),
            cost=None if failed else story.cents * 10_000,
            duration_ms=story.took,
        )
        await self._store.apply(changes.finish(task, ending, polled=True))
        ended = now - story.ago
        began = ended - story.took
        await self._date(task, created_at=began - 800, submitted_at=began, completed_at=ended)
        await self._book(now // DAY, ended // DAY)
        return task.id

    async def _book(self, today: int, day: int) -> None:
        """Move what was just booked to the day on which it is said to have ended."""
        if day == today:
            return
        booked = keys.spending(PROVIDER, today)
        for name, amount in (await self._redis.hgetall(booked)).items():
            await self._redis.hincrby(keys.spending(PROVIDER, day), name, int(amount))
        await self._redis.delete(booked)

    async def _waiting(self, now: int) -> str:
        task = await self._sent(sample_tasks.WAITING, first_poll=61_000)
        for _ in range(11):
            after = await self._store.apply(
                changes.poll_again(task, 49_000, "in_progress", None, 25_000)
            )
            assert after is not None
            task = after
        began = now - 11 * MINUTE - 40_000
        await self._date(task, created_at=began, submitted_at=began, last_polled_at=now - 12_000)
        return task.id

    async def _unconfirmed(self, now: int) -> str:
        task = await self._claimed(sample_tasks.UNCONFIRMED)
        await self._store.apply(changes.mark_unconfirmed(task, LOST))
        began = now - 4 * MINUTE
        await self._date(task, created_at=began, submitted_at=began)
        return task.id

    async def _sent(self, title: str, first_poll: int = DAY) -> Task:
        task = await self._claimed(title)
        response_id = f"resp_{task.id.removeprefix('task_')}"
        started = await self._store.apply(
            changes.mark_in_progress(task, response_id, "in_progress", first_poll, DAY)
        )
        assert started is not None
        return started

    async def _claimed(self, title: str) -> Task:
        part = {"type": "input_text", "text": title}
        conversation = orjson.dumps([{"role": "user", "content": [part]}])
        acceptance = TaskInsert(new_task_id(), PROVIDER, title, conversation, limit=1_000)
        accepted = await self._store.insert(acceptance)
        await self._redis.delete(queue_name(PROVIDER))  # the poller is not to send it
        claimed = await self._store.apply(changes.claim(accepted.task, "a claim", DAY))
        assert claimed is not None
        return claimed

    async def _date(self, task: Task, **times: int) -> None:
        await self._redis.hset(keys.record(task.id), mapping=times)


def _usage(cents: int) -> dict[str, Any]:
    """Tokens that cost about so much."""
    written = cents * 75
    return {
        "input_tokens": cents * 60,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": written * 7 // 10},
        "total_tokens": written + cents * 60,
    }


def _response(text: str) -> dict[str, Any]:
    annotations = [
        {
            "type": "url_citation",
            "start_index": found.start(),
            "end_index": found.end(),
            "url": found["url"],
            "title": sample_tasks.SOURCES[found["url"]],
        }
        for found in re.finditer(r"\(\[[^\]]+\]\((?P<url>[^)]+)\)\)", text)
    ]
    part = {"type": "output_text", "text": text, "annotations": annotations}
    message = {"type": "message", "role": "assistant", "status": "completed", "content": [part]}
    searches = [{"type": "web_search_call", "status": "completed"}] * 6
    return {
        "id": "resp",
        "object": "response",
        "status": "completed",
        "output": [*searches, message],
    }
