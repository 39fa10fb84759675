"""Reads an event stream as a browser does (the HTML standard, 9.2.6)."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Message:
    """One event; a frame without data has the event ``""``, and ``data`` is its comment."""

    event: str
    data: Any
    id: int | None


def messages(lines: Iterable[str]) -> Iterator[Message]:
    """What the lines say; a frame that has not ended says nothing."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        number = int(fields["id"]) if "id" in fields else None
        if "data" in fields:
            yield Message(fields.get("event", "message"), json.loads(fields["data"]), number)
        elif fields:
            yield Message("", fields.get("", ""), number)
        fields = {}
