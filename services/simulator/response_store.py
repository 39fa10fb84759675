"""The responses that were accepted, as stored: what they become is computed from the clock."""

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson

from services.simulator.lifecycle import Moment, timeline
from services.simulator.outcomes import Outcome


@dataclass(frozen=True)
class Accepted:
    """One response: its request without the conversation, and its script. Times: Unix seconds."""

    id: str
    created_at: float
    request: dict[str, Any]
    prompt: str
    input_tokens: int
    outcome: Outcome
    cancelled_at: float | None = None
    events_done: int = 0
    event_attempts: int = 0

    @property
    def timeline(self) -> list[Moment]:
        """Every status it has had or will have."""
        return timeline(self.created_at, self.outcome, self.cancelled_at)


class Archive:
    """The responses table."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def add(self, accepted: Accepted, event_due: float | None) -> None:
        """Store a new response, in the caller's transaction."""
        self._db.execute(
            "INSERT INTO responses (id, created_at, request, prompt, input_tokens, outcome,"
            " event_due) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                accepted.id,
                accepted.created_at,
                orjson.dumps(accepted.request),
                accepted.prompt,
                accepted.input_tokens,
                orjson.dumps(accepted.outcome),
                event_due,
            ),
        )

    def get(self, response_id: str) -> Accepted | None:
        """The response, unless there is none or it was deleted."""
        found = self._db.execute(
            "SELECT * FROM responses WHERE id = ? AND deleted_at IS NULL", (response_id,)
        )
        return next(map(_accepted, found), None)

    def retrieve(self, response_id: str) -> Accepted | None:
        """The response, and one more GET counted."""
        return self._update("retrieves = retrieves + 1", (), response_id)

    def cancel(self, response_id: str, now: float) -> Accepted | None:
        """The response, cancelled since `now` or since it first was; one more cancel counted."""
        change = "cancels = cancels + 1, cancelled_at = coalesce(cancelled_at, ?)"
        return self._update(change, (now,), response_id)

    def delete(self, response_id: str, now: float) -> Accepted | None:
        """The response, from now on gone; the ledger keeps its request."""
        return self._update("deleted_at = ?, event_due = NULL", (now,), response_id)

    def due_events(self, now: float, limit: int) -> list[Accepted]:
        """Responses with an ending to report, the longest due first."""
        found = self._db.execute(
            "SELECT * FROM responses WHERE event_due <= ? ORDER BY event_due LIMIT ?", (now, limit)
        )
        return [_accepted(row) for row in found]

    def next_event_due(self) -> float | None:
        """When the next ending is to be reported."""
        found: float | None = self._db.execute("SELECT min(event_due) FROM responses").fetchone()[0]
        return found

    def schedule_event(self, response_id: str, done: int, attempts: int, due: float | None) -> None:
        """Note how many endings were reported, and when the next attempt is due, if ever."""
        change = "events_done = ?, event_attempts = ?, event_due = ?"
        self._update(change, (done, attempts, due), response_id)

    def _update(self, change: str, values: tuple[object, ...], response_id: str) -> Accepted | None:
        statement = f"UPDATE responses SET {change} WHERE id = ? AND deleted_at IS NULL RETURNING *"  # noqa: S608 - `change` is one of the constants above
        with self._db:
            rows = self._db.execute(statement, (*values, response_id)).fetchall()
        return _accepted(rows[0]) if rows else None


def _accepted(row: sqlite3.Row) -> Accepted:
    return Accepted(
        id=row["id"],
        created_at=row["created_at"],
        request=orjson.loads(row["request"]),
        prompt=row["prompt"],
        input_tokens=row["input_tokens"],
        outcome=Outcome(**orjson.loads(row["outcome"])),
        cancelled_at=row["cancelled_at"],
        events_done=row["events_done"],
        event_attempts=row["event_attempts"],
    )
