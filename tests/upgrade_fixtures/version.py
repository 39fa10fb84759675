"""What an earlier version left behind: its store key by key, and the provider's file.

``store.json`` and ``simulator.sql`` were written by the processes of commit e4fde4e, with a real
Valkey; ``tasks`` names each by what happened to it. Times are moved, as if that were a minute ago.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_LEFT = json.loads((_HERE / "store.json").read_text())
_TIME = re.compile(r".*_at|watched")
_AGO = 60_000
_DAY = 86_400_000

TASKS: dict[str, str] = _LEFT["tasks"]
SPENT = 1_669_745
"""Micro-dollars of that day."""

_TAKEN = max(
    int(_LEFT["keys"][f"backburner:task:{task_id}"]["created_at"]) for task_id in TASKS.values()
)


def commands(now: int) -> Iterator[list[Any]]:
    """What writes it into an empty store whose time is ``now`` (ms)."""
    shift = now - _AGO - _TAKEN
    for key, value in _LEFT["keys"].items():
        match value:
            case str():
                yield ["SET", key, value]
            case dict() if key.startswith("backburner:spending:"):
                yield ["HSET", key, now // _DAY, *value.values()]
            case dict() if all(isinstance(each, str) for each in value.values()):
                moved = {
                    name: int(each) + shift if _TIME.fullmatch(name) else each
                    for name, each in value.items()
                }
                yield ["HSET", key, *(part for item in moved.items() for part in item)]
            case dict():
                later = shift if key.startswith(("backburner:queue:", "backburner:due:")) else 0
                yield ["ZADD", key, *(part for n, at in value.items() for part in (at + later, n))]


def simulator(path: Path, now: int) -> None:
    """Write the provider's file to ``path``."""
    with sqlite3.connect(path) as database:
        database.executescript((_HERE / "simulator.sql").read_text())
        shift = (now - _AGO - _TAKEN) / 1000
        database.execute("UPDATE responses SET created_at = created_at + ?", [shift])
    database.close()
