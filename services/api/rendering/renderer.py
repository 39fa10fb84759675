"""Renders answers away from the event loop, each in a process that a hostile one may exhaust."""

import asyncio
import hashlib
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import orjson

from services.api.rendering.limits import MAX_MARKDOWN, plain
from services.api.rendering.renderings import Renderings
from shared.openai.response import Citation

_COMMAND = (sys.executable, "-m", "services.api.rendering")
_ROOT = Path(__file__).parents[3]
_MOST_GIVEN_UP = 1_000


class Renderer:
    """Safe HTML for answers, one at a time, each rendered once.

    An answer that takes longer than ``limit`` seconds, or whose process dies, comes back as plain
    text, which is remembered for as long as this process lives.
    """

    def __init__(
        self, kept: Renderings, *, command: Sequence[str] = _COMMAND, limit: float = 10
    ) -> None:
        self._kept = kept
        self._command = command
        self._limit = limit
        self._given_up: deque[bytes] = deque(maxlen=_MOST_GIVEN_UP)
        self._running: dict[tuple[str, bytes], asyncio.Task[str]] = {}
        self._forgotten: set[str] = set()
        self._turn = asyncio.Lock()

    async def html(self, task_id: str, markdown: str, citations: Sequence[Citation] = ()) -> str:
        """The fragment for a task's answer; callers who ask for it at once share the work."""
        if len(markdown) > MAX_MARKDOWN:
            return plain(markdown)
        document = orjson.dumps((markdown, list(citations), self._limit))
        answer = task_id, hashlib.sha256(document).digest()
        if answer not in self._running:
            self._running[answer] = asyncio.create_task(self._work(answer, markdown, document))
        return await asyncio.shield(self._running[answer])

    async def forget(self, ids: Sequence[str]) -> None:
        """Keep nothing of these tasks, not even what is being rendered."""
        self._forgotten.update({task_id for task_id, _ in self._running}.intersection(ids))
        await self._kept.forget(ids)

    async def aclose(self) -> None:
        """End what is running; its callers are cancelled."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _work(self, answer: tuple[str, bytes], markdown: str, document: bytes) -> str:
        try:
            html = await self._html(*answer, document)
        except OSError:  # no process to be had just now: the next call tries again
            html = None
        finally:
            del self._running[answer]
            self._forgotten.discard(answer[0])
        return plain(markdown) if html is None else html

    async def _html(self, task_id: str, digest: bytes, document: bytes) -> str | None:
        if digest in self._given_up:
            return None
        if (kept := await self._kept.get(task_id, digest)) is not None:
            return kept
        async with self._turn:
            html = await self._rendered(document)
        if html is None:
            self._given_up.append(digest)
        elif task_id not in self._forgotten:
            await self._kept.keep(task_id, digest, html)
        return html

    async def _rendered(self, document: bytes) -> str | None:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the API, which ends its renderings itself
        )
        try:
            async with asyncio.timeout(self._limit):
                html, _ = await process.communicate(document)
        except TimeoutError:
            return None
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()  # a pipe left unread would keep wait() waiting
        return html.decode() if process.returncode == 0 else None
