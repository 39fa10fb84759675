"""Renders answers away from the event loop, each in a process that a hostile one may exhaust."""

import asyncio
import hashlib
import sys
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import orjson

from services.api.rendering.answer import MAX_MARKDOWN, plain
from shared.response import Citation

_COMMAND = (sys.executable, "-m", "services.api.rendering")
_ROOT = Path(__file__).parents[3]


class Renderer:
    """Safe HTML for answers, one at a time, the latest kept in memory.

    An answer that takes longer than ``limit`` seconds, or whose process dies, comes back as
    plain text. ``cache`` bounds the characters of HTML kept.
    """

    def __init__(
        self, *, command: Sequence[str] = _COMMAND, limit: float = 10, cache: int = 16_000_000
    ) -> None:
        self._command = command
        self._limit = limit
        self._cache = cache
        self._kept: OrderedDict[bytes, str] = OrderedDict()
        self._running: dict[bytes, asyncio.Task[str]] = {}
        self._turn = asyncio.Lock()

    async def html(self, markdown: str, citations: Sequence[Citation] = ()) -> str:
        """The fragment for this answer; callers who ask for the same one at once share it."""
        if len(markdown) > MAX_MARKDOWN:
            return plain(markdown)
        document = orjson.dumps((markdown, list(citations), self._limit))
        key = hashlib.sha256(document).digest()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._work(key, markdown, document))
        return await asyncio.shield(self._running[key])

    async def aclose(self) -> None:
        """End what is running; its callers are cancelled."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _work(self, key: bytes, markdown: str, document: bytes) -> str:
        try:
            async with self._turn:
                html = await self._rendered(document)
            return self._keep(key, plain(markdown) if html is None else html)
        except OSError:  # no process to be had just now: the next call tries again
            return plain(markdown)
        finally:
            del self._running[key]

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

    def _keep(self, key: bytes, html: str) -> str:
        self._kept[key] = html
        while sum(map(len, self._kept.values())) > self._cache:
            self._kept.popitem(last=False)
        return html
