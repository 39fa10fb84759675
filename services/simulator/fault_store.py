"""The faults that are switched on, and how often each has fired; both outlive a restart."""

import sqlite3
from typing import Any

from services.simulator.faults import Operation, Switch

_FIRE = """
UPDATE faults SET fired = fired + 1 WHERE id = (
    SELECT min(id) FROM faults WHERE operation = ? AND (times IS NULL OR fired < times)
) RETURNING switch
"""


class FaultBoard:
    """The faults table. Switches of one operation fire in the order in which they were added."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def add(self, switch: Switch) -> dict[str, Any]:
        """Switch a fault on."""
        with self._db:
            cursor = self._db.execute(
                "INSERT INTO faults (operation, times, switch) VALUES (?, ?, ?)",
                (switch.operation, switch.times, switch.model_dump_json()),
            )
        return {"id": cursor.lastrowid, "fired": 0, **switch.model_dump()}

    def fire(self, operation: Operation) -> Switch | None:
        """The fault that spoils this call, if any, counted."""
        with self._db:
            rows = self._db.execute(_FIRE, (operation,)).fetchall()
        return Switch.model_validate_json(rows[0]["switch"]) if rows else None

    def list(self) -> list[dict[str, Any]]:
        """Every fault switched on since the last clearing, spent ones too."""
        rows = self._db.execute("SELECT * FROM faults ORDER BY id")
        return [
            {
                "id": row["id"],
                "fired": row["fired"],
                **Switch.model_validate_json(row["switch"]).model_dump(),
            }
            for row in rows
        ]

    def clear(self) -> int:
        """Switch all of them off, counters too, and say how many there were."""
        with self._db:
            return self._db.execute("DELETE FROM faults").rowcount
