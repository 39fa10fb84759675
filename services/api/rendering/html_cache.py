"""Keeps the latest rendered answers in memory, so that a second view does not wait for one."""

from collections import OrderedDict
from collections.abc import Iterable

MAX_ENTRIES = 500
MAX_BYTES = 64 * 1024 * 1024


class HtmlCache:
    """One rendering per task; the least recently read one is evicted first."""

    def __init__(self, *, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()

    def get(self, task_id: str, digest: bytes) -> str | None:
        """Return the HTML of the answer with this digest, or None."""
        cached, html = self._entries.get(task_id, (b"", b""))
        if cached != digest:
            return None
        self._entries.move_to_end(task_id)
        return html.decode()

    def put(self, task_id: str, digest: bytes, html: str) -> None:
        """Replace what is cached for the task; a result larger than the cache is not stored."""
        self.remove([task_id])
        encoded = html.encode()
        if len(encoded) > self._max_bytes:
            return
        self._entries[task_id] = digest, encoded
        self._bytes += len(encoded)
        while self._bytes > self._max_bytes or len(self._entries) > self._max_entries:
            self.remove([next(iter(self._entries))])

    def remove(self, task_ids: Iterable[str]) -> None:
        """Remove what is cached for these tasks."""
        for task_id in task_ids:
            _, html = self._entries.pop(task_id, (b"", b""))
            self._bytes -= len(html)
