"""Keeps the latest rendered answers in memory, so that a second view does not wait for one."""

from collections import OrderedDict
from collections.abc import Iterable

MAX_ENTRIES = 500
MAX_BYTES = 64 * 1024 * 1024


class HtmlCache:
    """Renderings of the texts of tasks; the least recently read one is evicted first."""

    def __init__(self, *, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()

    def get(self, task_id: str, digest: bytes) -> str | None:
        """Return the HTML of the task's text with this digest, or None."""
        html = self._entries.get((task_id, digest))
        if html is None:
            return None
        self._entries.move_to_end((task_id, digest))
        return html.decode()

    def put(self, task_id: str, digest: bytes, html: str) -> None:
        """Cache a result, unless it is larger than the cache."""
        encoded = html.encode()
        if len(encoded) > self._max_bytes:
            return
        self._remove((task_id, digest))
        self._entries[task_id, digest] = encoded
        self._bytes += len(encoded)
        while self._bytes > self._max_bytes or len(self._entries) > self._max_entries:
            self._remove(next(iter(self._entries)))

    def remove(self, task_ids: Iterable[str]) -> None:
        """Remove what is cached for these tasks."""
        gone = set(task_ids)
        for key in [key for key in self._entries if key[0] in gone]:
            self._remove(key)

    def _remove(self, key: tuple[str, bytes]) -> None:
        self._bytes -= len(self._entries.pop(key, b""))
