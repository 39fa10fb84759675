"""Reads the provider's response object, whatever is missing, null, long or new in it.

What leaves this file is bounded: ids and words by length and alphabet, messages by length, usage to
known counts. So it can be stored, shown and logged.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import orjson

from shared.openai.answer import Answer, Citation, read_answer

MAX_RUN_S = 7 * 24 * 3600
"""Seconds above which what a response says of its own duration is nonsense."""

MAX_ID_CHARS = 512

MAX_NAME_CHARS = 100
"""Characters kept of a model or a mode: lists of tasks carry them."""

MAX_MESSAGE_CHARS = 2_000
"""The rest of a message is cut: lists of tasks carry it."""

MAX_TOKENS = 10**9
"""A larger count is implausible, and its price might exceed an integer in Redis."""

UNREADABLE_ID = "an unreadable id"

_TOTALS = ("input_tokens", "output_tokens", "total_tokens")
_COUNTS = frozenset(
    ["cached_tokens", "cache_write_tokens", "ttl_30m_tokens", "ttl_12h_tokens", "reasoning_tokens"]
)
_DETAILS = {"input_tokens_details", "output_tokens_details", "cache_write_tokens_details"}
"""The counts of usage that are kept, and where those besides the totals are."""

_WORD = re.compile(r"[\w.-]{1,100}", re.ASCII)


def is_response_id(value: object) -> bool:
    """Whether an id of the provider can be used: in an address, in a log, on the page."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= MAX_ID_CHARS
        and value.isprintable()
        and not {" ", "/"} & set(value)
        and value not in (".", "..")  # steps in an address
    )


@dataclass(frozen=True)
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

    @property
    def id(self) -> str | None:
        """Its id, where that can be used."""
        value = self.body.get("id")
        return value if is_response_id(value) else None

    @property
    def status(self) -> str | None:
        """The provider's word for how far it is."""
        return _word(self.body.get("status"))

    @property
    def task_id(self) -> str | None:
        """The task for which it was submitted, by its metadata; UNREADABLE_ID if that is no id."""
        named = _text(_mapping(self.body.get("metadata")).get("task_id"))
        return named and (_word(named) or UNREADABLE_ID)

    @property
    def usage(self) -> dict[str, Any] | None:
        """Tokens as the provider counts them: known counts only, or None without any.

        A zero beside an answer is no count, since an answer takes tokens.
        """
        given, least = self.reported_usage, 1 if self.output_text else 0
        totals = {name: given[name] for name in _TOTALS if _is_count(given.get(name), least)}
        return totals | _details(given) if totals else None

    @property
    def reported_usage(self) -> dict[str, Any]:
        """What the provider says of tokens, unchecked and without a limit; {} if nothing."""
        return _mapping(self.body.get("usage"))

    @property
    def error(self) -> tuple[str | None, str | None]:
        """The code and message of a failure."""
        given = self.body.get("error")
        error = {"message": given} if isinstance(given, str) else _mapping(given)
        message = _text(error.get("message"))
        code = _word(error.get("code")) or _word(error.get("type"))
        return code, message and message[:MAX_MESSAGE_CHARS]

    @property
    def incomplete_reason(self) -> str | None:
        """Why the answer stops early, such as ``max_output_tokens``."""
        return _word(_mapping(self.body.get("incomplete_details")).get("reason"))

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
        model = _text(self.body.get("model"))
        return model and model[:MAX_NAME_CHARS]

    @property
    def reasoning_mode(self) -> str | None:
        """The mode that was effective, where the provider says it."""
        mode = _text(_mapping(self.body.get("reasoning")).get("mode"))
        return mode and mode[:MAX_NAME_CHARS]

    @property
    def searches(self) -> int:
        """How many web searches were made; opening a page is none."""
        calls = [item for item in self._items if item.get("type") == "web_search_call"]
        return sum(_mapping(call.get("action")).get("type", "search") == "search" for call in calls)

    @cached_property
    def answer(self) -> Answer:
        """What the model wrote."""
        return read_answer(self._items)

    @property
    def output_text(self) -> str:
        """All the answer's text, in order; a refusal is an answer too."""
        return self.answer.text

    @property
    def citations(self) -> list[Citation]:
        """The sources of ``output_text``."""
        return self.answer.citations

    @property
    def _items(self) -> list[dict[str, Any]]:
        items = self.body.get("output")
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _mended(body: bytes) -> object:
    """What orjson refuses: half characters, invalid UTF-8, NaN. A paid answer is worth a "?"."""
    try:
        text = body.decode(json.detect_encoding(body), errors="replace")
        value = json.loads(text, parse_constant=lambda _: None)
        return orjson.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        return None


def _is_count(value: object, least: int = 0) -> bool:
    return type(value) is int and least <= value <= MAX_TOKENS


def _details(given: Mapping[str, Any], depth: int = 2) -> dict[str, Any]:
    """The known counts below the totals; each is named once, at any place."""
    found = {name: value for name, value in given.items() if name in _COUNTS and _is_count(value)}
    for name in _DETAILS & given.keys() if depth else ():
        if inner := _details(_mapping(given[name]), depth - 1):
            found[name] = inner
    return found


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
