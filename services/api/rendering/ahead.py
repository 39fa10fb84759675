"""Renders each answer when its task ends, before anybody asks for it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from redis.exceptions import RedisError

from services.api.rendering.renderer import Renderer
from services.api.rendering.renderings import Renderings
from shared.openai.response import Response
from shared.runtime.cancellation import cancel_and_wait
from shared.store import Reader

WAITING = 1_000
"""Answers that wait at most; one more is rendered when it is read first."""

BATCH = 100
"""Kept renderings whose tasks are looked for at a time."""

PAUSE = 5.0
"""Seconds before a store that is away is asked again."""


class Ahead:
    """Works within ``async with``, one answer at a time; begins with what was deleted meanwhile."""

    def __init__(self, store: Reader, renderer: Renderer, renderings: Renderings) -> None:
        self._store = store
        self._renderer = renderer
        self._renderings = renderings
        self._waiting: asyncio.Queue[str] = asyncio.Queue(WAITING)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel_and_wait(self._task)

    def ended(self, task_id: str) -> None:
        """Render the task's answer soon, if it has one."""
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(task_id)

    async def gone(self, ids: Sequence[str]) -> None:
        """Forget the answers of these tasks."""
        await self._renderer.forget(ids)

    async def _work(self) -> None:
        await self._forget_deleted()
        while True:
            task_id = await self._waiting.get()
            with suppress(RedisError, OSError):
                await self._render(task_id)

    async def _render(self, task_id: str) -> None:
        body = await self._store.response(task_id)
        response = None if body is None else Response.parse(body)
        if response and (text := response.output_text):
            await self._renderer.html(task_id, text, response.citations)

    async def _forget_deleted(self) -> None:
        """Forget what was kept for tasks that were deleted meanwhile, however long it takes."""
        reached = ""
        while True:
            try:
                ids = await self._renderings.task_ids(reached, BATCH)
                tasks = await self._store.tasks(ids)
            except (RedisError, OSError):
                await asyncio.sleep(PAUSE)
                continue
            if not ids:
                return
            gone = [task_id for task_id, task in zip(ids, tasks, strict=True) if task is None]
            await self._renderings.forget(gone)
            reached = ids[-1]
