"""Deletes tasks at the end of their retention, after an export if one is configured."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import structlog

from services.poller.decisions.retention import expired
from shared.domain import changes
from shared.domain.errors import TaskNotFound
from shared.domain.task import Task
from shared.presentation import serializers
from shared.presentation.export_format import export_document
from shared.store import Store

MAX_CONCURRENT = 5
"""Deletions in progress at a time, to spare OpenAI."""

PAGE_SIZE = 50
"""Tasks per run."""

EXPORT_RETRY_MS = 60_000
"""Delay after a failed export."""

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class Exporter:
    """Writes each expired task to a file in ``directory``, in the format that can be imported."""

    directory: Path
    store: Store

    async def export(self, task: Task) -> None:
        """Write the task durably and atomically. Raises OSError."""
        whole = await self.store.load_with_texts(task.id)
        shown = serializers.task_detail(whole.task, whole.conversation, whole.response)
        content = orjson.dumps(export_document(shown), option=orjson.OPT_APPEND_NEWLINE)
        await asyncio.to_thread(_write, self.directory / f"{task.id}.json", content)


@dataclass(slots=True)
class Retention:
    """Retention on one poller. ``clock`` gives the time of Redis in milliseconds."""

    store: Store
    provider: str
    retention_ms: int
    clock: Callable[[], int]
    exporter: Exporter | None = None
    _after: int = field(default=0, init=False)
    _pause_until: int = field(default=0, init=False)

    async def run(self) -> None:
        """Request the deletion of a few expired tasks, oldest first.

        A page is repeated until nothing in it is expired. A task accepted after the limit cannot
        have ended before it, so there the next run starts over.
        """
        now = self.clock()
        if now < self._pause_until:
            return
        before = now - self.retention_ms
        page = await self.store.oldest_page(self._after, PAGE_SIZE)
        deletion_requested_at = sum(task.deletion_requested_at is not None for task in page.tasks)
        old = [task for task in page.tasks if expired(task, self.provider, before)]
        for task in old[: max(MAX_CONCURRENT - deletion_requested_at, 0)]:
            if not await self._expire(task):
                self._pause_until = now + EXPORT_RETRY_MS
                return
        if not old:
            young = any(task.created_at >= before for task in page.tasks)
            self._after = 0 if young else page.cursor or 0

    async def _expire(self, task: Task) -> bool:
        """Return False if the export failed; then the task is kept."""
        try:
            if self.exporter:
                await self.exporter.export(task)
        except TaskNotFound:
            return True
        except OSError as error:
            log.warning(
                "export_failed", task=task.id, error=str(error), retry_in_ms=EXPORT_RETRY_MS
            )
            return False
        if await self.store.apply(changes.request_deletion(task)):
            log.info("expired_task_deletion_requested", task=task.id, exported=bool(self.exporter))
        return True


def _write(path: Path, content: bytes) -> None:
    """Replace the file atomically. Two pollers may write the same one at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".new", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot
            os.fsync(directory)
    finally:
        os.close(directory)
