"""Stores the active faults and how often each has fired, across restarts."""

import sqlite3
from typing import Any

from services.simulator.faults import Fault, Operation

_FIRE = """
UPDATE faults SET fired = fired + 1 WHERE id = (
    SELECT min(id) FROM faults WHERE operation = ? AND (times IS NULL OR fired < times)
) RETURNING switch
"""


class FaultStore:
    """The faults table. Faults of one operation fire in the order in which they were added."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def add(self, fault: Fault) -> dict[str, Any]:
        """Activate a fault."""
        with self._db:
            cursor = self._db.execute(
                "INSERT INTO faults (operation, times, switch) VALUES (?, ?, ?)",
                (fault.operation, fault.times, fault.model_dump_json()),
            )
        return {"id": cursor.lastrowid, "fired": 0, **fault.model_dump()}

    def fire(self, operation: Operation) -> Fault | None:
        """Return the fault for this call, if there is one, and count it."""
        with self._db:
            rows = self._db.execute(_FIRE, (operation,)).fetchall()
        return Fault.model_validate_json(rows[0]["switch"]) if rows else None

    def list(self) -> list[dict[str, Any]]:
        """Return every fault since the last clear, used ones too."""
        rows = self._db.execute("SELECT * FROM faults ORDER BY id")
        return [
            {
                "id": row["id"],
                "fired": row["fired"],
                **Fault.model_validate_json(row["switch"]).model_dump(),
            }
            for row in rows
        ]

    def clear(self) -> int:
        """Remove all faults and their counters; return how many there were."""
        with self._db:
            return self._db.execute("DELETE FROM faults").rowcount
