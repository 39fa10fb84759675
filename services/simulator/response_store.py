"""Stores accepted responses. Their status is computed from the script and the clock."""

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson

from services.simulator.lifecycle import StatusChange, timeline
from services.simulator.scripts import Script


@dataclass(frozen=True)
class StoredResponse:
    """A response: its request without the conversation, and its script. Unix seconds."""

    id: str
    created_at: float
    request: dict[str, Any]
    prompt: str
    input_tokens: int
    script: Script
    cancelled_at: float | None = None
    events_done: int = 0
    event_attempts: int = 0

    @property
    def timeline(self) -> list[StatusChange]:
        """Every past and future status."""
        return timeline(self.created_at, self.script, self.cancelled_at)


class ResponseStore:
    """The responses table."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def add(self, stored: StoredResponse, event_due: float | None) -> None:
        """Insert a new response, in the caller's transaction."""
        self._db.execute(
            "INSERT INTO responses (id, created_at, request, prompt, input_tokens, outcome,"
            " event_due) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                stored.id,
                stored.created_at,
                orjson.dumps(stored.request),
                stored.prompt,
                stored.input_tokens,
                orjson.dumps(stored.script),
                event_due,
            ),
        )

    def get(self, response_id: str) -> StoredResponse | None:
        """Return the response; None if it does not exist or was deleted."""
        found = self._db.execute(
            "SELECT * FROM responses WHERE id = ? AND deleted_at IS NULL", (response_id,)
        )
        return next(map(_from_row, found), None)

    def retrieve(self, response_id: str) -> StoredResponse | None:
        """Return the response and count a GET."""
        return self._update("retrieves = retrieves + 1", (), response_id)

    def cancel(self, response_id: str, now: float) -> StoredResponse | None:
        """Cancel the response, keep the time of the first cancel, and count the call."""
        change = "cancels = cancels + 1, cancelled_at = coalesce(cancelled_at, ?)"
        return self._update(change, (now,), response_id)

    def delete(self, response_id: str, now: float) -> StoredResponse | None:
        """Delete the response. The request log keeps its request."""
        return self._update("deleted_at = ?, event_due = NULL", (now,), response_id)

    def due_events(self, now: float, limit: int) -> list[StoredResponse]:
        """Return responses with a due webhook event, the longest due first."""
        found = self._db.execute(
            "SELECT * FROM responses WHERE event_due <= ? ORDER BY event_due LIMIT ?", (now, limit)
        )
        return [_from_row(row) for row in found]

    def next_event_due(self) -> float | None:
        """Return when the next webhook event is due."""
        found: float | None = self._db.execute("SELECT min(event_due) FROM responses").fetchone()[0]
        return found

    def schedule_event(self, response_id: str, done: int, attempts: int, due: float | None) -> None:
        """Store how many events were delivered, and when the next attempt is due, if ever."""
        change = "events_done = ?, event_attempts = ?, event_due = ?"
        self._update(change, (done, attempts, due), response_id)

    def _update(
        self, change: str, values: tuple[object, ...], response_id: str
    ) -> StoredResponse | None:
        statement = f"UPDATE responses SET {change} WHERE id = ? AND deleted_at IS NULL RETURNING *"  # noqa: S608 -- `change` is a constant of this class
        with self._db:
            rows = self._db.execute(statement, (*values, response_id)).fetchall()
        return _from_row(rows[0]) if rows else None


def _from_row(row: sqlite3.Row) -> StoredResponse:
    return StoredResponse(
        id=row["id"],
        created_at=row["created_at"],
        request=orjson.loads(row["request"]),
        prompt=row["prompt"],
        input_tokens=row["input_tokens"],
        script=Script(**orjson.loads(row["outcome"])),
        cancelled_at=row["cancelled_at"],
        events_done=row["events_done"],
        event_attempts=row["event_attempts"],
    )
