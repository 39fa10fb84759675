"""Logs every POST /v1/responses exactly, so that a test can assert "exactly once"."""

import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from services.simulator.response_store import ResponseStore, StoredResponse

_MAX_BYTES = 2 * 1024**3
_PRUNE_EVERY = 256
_PAGE_BYTES = 64 * 1024**2

_PRUNE = """
DELETE FROM requests WHERE number <= (
    SELECT coalesce(max(number), 0) FROM (
        SELECT number, row_number() OVER newest AS kept, sum(length(body)) OVER newest AS bytes
        FROM requests WINDOW newest AS (ORDER BY number DESC)
    ) WHERE kept > ? OR bytes > ?
)
"""
_PAGE = """
SELECT requests.*, retrieves, cancels FROM requests
LEFT JOIN responses ON responses.id = requests.response_id
WHERE number > ? ORDER BY number
"""


@dataclass(frozen=True)
class LoggedRequest:
    """A POST /v1/responses and the status of its reply. The key is not kept."""

    received_at: float
    status: int | Literal["dropped"]
    fault: str | None
    headers: dict[str, str | None]
    body: bytes


class RequestLog:
    """The requests table. The oldest are deleted above ``max_entries`` or 2 GiB."""

    def __init__(
        self, database: sqlite3.Connection, responses: ResponseStore, max_entries: int = 100_000
    ) -> None:
        self._db = database
        self._max_entries = max_entries
        self._responses = responses

    def record(
        self, logged: LoggedRequest, stored: StoredResponse | None, event_due: float | None
    ) -> None:
        """Store the request and, in the same transaction, the response that it started."""
        with self._db:
            number = self._insert(logged, stored.id if stored else None)
            if stored:
                self._responses.add(stored, event_due)
            if number % _PRUNE_EVERY == 0:
                self._db.execute(_PRUNE, (self._max_entries, _MAX_BYTES))

    def body(self, response_id: str) -> bytes:
        """Return the exact body that started a response."""
        found = self._db.execute("SELECT body FROM requests WHERE response_id = ?", (response_id,))
        body: bytes = found.fetchone()[0]
        return body

    def page(self, after: int, limit: int) -> tuple[list[dict[str, Any]], bool]:
        """Return the entries after number ``after``, oldest first, and whether there are more.

        A page ends after ``limit`` entries or 64 MiB of bodies, whichever comes first.
        """
        entries: list[dict[str, Any]] = []
        size = 0
        for row in self._db.execute(_PAGE, (after,)):
            size += len(row["body"])
            if len(entries) == limit or (entries and size > _PAGE_BYTES):
                return entries, True
            entries.append(_entry(row))
        return entries, False

    def _insert(self, logged: LoggedRequest, response_id: str | None) -> int:
        cursor = self._db.execute(
            "INSERT INTO requests (received_at, response_id, status, fault, headers, body)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                logged.received_at,
                response_id,
                str(logged.status),
                logged.fault,
                orjson.dumps(logged.headers),
                logged.body,
            ),
        )
        return cursor.lastrowid or 0


def _entry(row: sqlite3.Row) -> dict[str, Any]:
    body = _parsed(row["body"])
    return {
        "number": row["number"],
        "received_at": row["received_at"],
        "response_id": row["response_id"],
        "status": row["status"] if row["status"] == "dropped" else int(row["status"]),
        "fault": row["fault"],
        "headers": orjson.loads(row["headers"]),
        "metadata": body.get("metadata") if isinstance(body, dict) else None,
        "body": body,
        "retrieves": row["retrieves"] or 0,
        "cancels": row["cancels"] or 0,
    }


def _parsed(body: bytes) -> Any:  # noqa: ANN401 -- any JSON
    """Return the JSON that was sent; text if it was not JSON."""
    try:
        return orjson.loads(body)
    except ValueError:
        return body.decode(errors="replace")
