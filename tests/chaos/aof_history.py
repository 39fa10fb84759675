"""What the store's append-only file tells of every task: each status it was given, each poll."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

RECORD = b"backburner:task:"


@dataclass(frozen=True, slots=True)
class History:
    """One task: its statuses in order, a repeated one once; its polls in Unix seconds."""

    statuses: list[str] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)


def histories(appendonly: Path) -> dict[str, History]:
    """By task; ``appendonly`` is the server's directory, whose file was never rewritten."""
    found: dict[str, History] = {}
    for path in sorted(appendonly.glob("*.incr.aof")):
        with path.open("rb") as file:
            for command in commands(file):
                if command[0].upper() == b"HSET" and command[1].startswith(RECORD):
                    task_id = command[1].removeprefix(RECORD).decode()
                    _note(command, found.setdefault(task_id, History()))
    return found


def commands(file: BufferedReader) -> Iterator[list[bytes]]:
    """Each command in the order in which the server carried them out."""
    while line := file.readline():
        command = []
        for _ in range(int(line[1:])):
            size = int(file.readline()[1:] or 0)
            command.append(file.read(size + 2)[:size])
        yield command


def _note(command: list[bytes], history: History) -> None:
    fields = dict(zip(command[2::2], command[3::2], strict=True))
    status = fields.get(b"status", b"").decode()
    if status and history.statuses[-1:] != [status]:
        history.statuses.append(status)
    if b"last_polled_at" in fields:
        history.polls.append(int(fields[b"last_polled_at"]) / 1000)
