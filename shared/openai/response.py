"""Reads the provider's response object, whatever is missing, null or new in it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import orjson

MAX_RUN_S = 7 * 24 * 3600
"""Seconds above which what a response says of its own duration is nonsense."""

MAX_NAME_CHARS = 100
"""Characters kept of a model or a mode: lists of tasks carry them."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of the answer; the indexes count code points of the whole ``output_text``."""

    url: str
    title: str
    start_index: int
    end_index: int


@dataclass(frozen=True, slots=True)
class Response:
    """The provider's object, parsed but not believed: every reading tolerates every shape.

    ``raw`` is the object byte for byte.
    """

    body: dict[str, Any]
    raw: bytes = b""

    @classmethod
    def parse(cls, body: bytes) -> Self | None:
        """The object in ``body``, or None where it is not a JSON object."""
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            value = _mended(body)
        return cls(value, body) if isinstance(value, dict) else None

    def text(self, name: str) -> str | None:
        """A field that should be a non-empty string."""
        return _text(self.body.get(name))

    @property
    def usage(self) -> dict[str, Any] | None:
        """Tokens as the provider counts them, or None where it says nothing."""
        usage = self.body.get("usage")
        return usage if isinstance(usage, dict) else None

    @property
    def error(self) -> tuple[str | None, str | None]:
        """The code and message of a failure."""
        error = _mapping(self.body.get("error"))
        return _text(error.get("code")), _text(error.get("message"))

    @property
    def task_id(self) -> str | None:
        """The task for which it was submitted, by its metadata."""
        return _text(_mapping(self.body.get("metadata")).get("task_id"))

    @property
    def incomplete_reason(self) -> str | None:
        """Why the answer stops early, such as ``max_output_tokens``."""
        return _text(_mapping(self.body.get("incomplete_details")).get("reason"))

    @property
    def duration_ms(self) -> int | None:
        """Milliseconds from its creation to its completion, where it tells both."""
        match self.body.get("created_at"), self.body.get("completed_at"):
            case (int() | float() as began, int() | float() as ended) if (
                0 <= ended - began <= MAX_RUN_S
            ):
                return round((ended - began) * 1000)
        return None

    @property
    def model(self) -> str | None:
        """The model that answered, shortened where it is no name."""
        return (self.text("model") or "")[:MAX_NAME_CHARS] or None

    @property
    def reasoning_mode(self) -> str | None:
        """The mode that was effective, where the provider says it."""
        mode = _text(_mapping(self.body.get("reasoning")).get("mode"))
        return mode and mode[:MAX_NAME_CHARS]

    @property
    def searches(self) -> int:
        """How many web searches were made; opening a page is none."""
        calls = [item for item in self._items() if item.get("type") == "web_search_call"]
        return sum(_mapping(call.get("action")).get("type", "search") == "search" for call in calls)

    @property
    def output_text(self) -> str:
        """All the answer's text, in order; a refusal is an answer too."""
        return "".join(text for text, _ in self._parts())

    @property
    def citations(self) -> list[Citation]:
        """The sources, with indexes moved from their part's text into ``output_text``."""
        found, offset = [], 0
        for text, part in self._parts():
            for note in _mappings(part.get("annotations")):
                url = _text(note.get("url"))
                start, end = note.get("start_index"), note.get("end_index")
                if url and isinstance(start, int) and isinstance(end, int):
                    title = _text(note.get("title")) or url
                    found.append(Citation(url, title, start + offset, end + offset))
            offset += len(text)
        return found

    def _items(self) -> list[dict[str, Any]]:
        return _mappings(self.body.get("output"))

    def _parts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for item in self._items():
            if item.get("type") == "message":
                for part in _mappings(item.get("content")):
                    yield _text(part.get("text")) or _text(part.get("refusal")) or "", part


def _mended(body: bytes) -> object:
    """What orjson refuses: half characters, invalid UTF-8, NaN. A paid answer is worth a "?"."""
    try:
        text = body.decode(json.detect_encoding(body), errors="replace")
        value = json.loads(text, parse_constant=lambda _: None)
        return orjson.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
