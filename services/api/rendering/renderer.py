"""Renders answers outside the event loop, each in a process of its own that can be killed."""

import asyncio
import hashlib
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import orjson

from services.api.auth.concurrency_limit import ConcurrencyLimiter
from services.api.rendering.html_cache import HtmlCache
from services.api.rendering.limits import MAX_MARKDOWN, preformatted
from shared.openai.answer import Citation

_COMMAND = (sys.executable, "-m", "services.api.rendering")
_ROOT = Path(__file__).parents[3]
_MAX_FAILED = 1_000
_PROCESSES = 2
"""At a time; one owner's answers take at most one."""


class Renderer:
    """Renders answers as safe HTML, one at a time for each owner, and caches the latest results.

    An answer that takes more than ``cpu_s`` seconds of processor time or ``timeout_s`` in all, or
    whose process dies, is returned as preformatted text and is not tried again while this process
    lives.
    """

    def __init__(
        self, *, command: Sequence[str] = _COMMAND, cpu_s: int = 2, timeout_s: float = 6
    ) -> None:
        self._cache = HtmlCache()
        self._command = command
        self._cpu_s = cpu_s
        self._timeout_s = timeout_s
        self._failed: deque[bytes] = deque(maxlen=_MAX_FAILED)
        self._running: dict[tuple[str, bytes], asyncio.Task[str]] = {}
        self._deleted: set[str] = set()
        self._slots = ConcurrencyLimiter(per_owner=1, total=_PROCESSES)

    async def html(
        self,
        task_id: str,
        markdown: str,
        citations: Sequence[Citation] = (),
        *,
        owner: str | None = None,
    ) -> str:
        """Return the HTML fragment for a task's answer; concurrent callers share one rendering."""
        if len(markdown) > MAX_MARKDOWN:
            return preformatted(markdown)
        document = orjson.dumps((markdown, list(citations), self._cpu_s))
        key = task_id, hashlib.sha256(document).digest()
        if (cached := self._cache.get(*key)) is not None:
            return cached
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._render(key, markdown, document, owner))
        return await asyncio.shield(self._running[key])

    def forget(self, task_ids: Sequence[str]) -> None:
        """Drop the HTML of deleted tasks, also of those being rendered now."""
        self._deleted.update({task_id for task_id, _ in self._running}.intersection(task_ids))
        self._cache.remove(task_ids)

    async def aclose(self) -> None:
        """End the running process; callers that wait for it are cancelled."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _render(
        self, key: tuple[str, bytes], markdown: str, document: bytes, owner: str | None
    ) -> str:
        task_id, digest = key
        try:
            failed = digest in self._failed
            html = None if failed else await self._run_in_turn(digest, document, owner)
            if html is not None and task_id not in self._deleted:
                self._cache.put(task_id, digest, html)
        except OSError:  # no process could be started; the next call tries again
            html = None
        finally:
            del self._running[key]
            self._deleted.discard(task_id)
        return preformatted(markdown) if html is None else html

    async def _run_in_turn(self, digest: bytes, document: bytes, owner: str | None) -> str | None:
        async with self._slots.slot(owner):
            html = await self._run(document)
        if html is None:
            self._failed.append(digest)
        return html

    async def _run(self, document: bytes) -> str | None:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=_ROOT,
            env={},  # the API's holds secrets
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches only the API, which ends this process itself
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                html, _ = await process.communicate(document)
        except TimeoutError:
            return None
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()  # wait() would block on a pipe that nobody reads
        return html.decode() if process.returncode == 0 else None
