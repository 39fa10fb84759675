"""Reads and checks the lines of a batch, all of them before the first is sent."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from backburner import strict_json
from backburner.models import Message

ENDPOINT = "/v1/responses"
MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_CUSTOM_ID_CHARS = 512
MAX_ERRORS = 20

_LINE_FIELDS = {"custom_id", "method", "url", "body"}
_READ = {"input", "instructions", "metadata", "model"}
_WITHOUT_EFFECT = {"include", "prompt_cache_key", "safety_identifier", "user"}
_SAME_AS_FIXED = {"background": True, "stream": False}
_ROLES = {"user": "user", "developer": "developer", "system": "developer", "assistant": "assistant"}
_PART_TYPES = {"input_text", "output_text", "text"}


class InvalidLine(ValueError):
    """A line that cannot be sent; the message completes "Line 7 …"."""


class InvalidLines(ValueError):
    """A file in which at least one line cannot be sent; ``errors`` names each by its number."""

    def __init__(self, errors: list[str]) -> None:
        more = len(errors) - MAX_ERRORS
        self.errors = errors[:MAX_ERRORS] + ([f"… and {more:,} more lines."] if more > 0 else [])
        super().__init__("\n".join(self.errors))


@dataclass(frozen=True)
class BatchLine:
    """One question. ``body_sha256`` identifies its conversation, however the JSON was written."""

    number: int
    custom_id: str
    messages: list[Message]
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """The size of the conversation as JSON."""
        return len(_canonical(self.messages))

    @property
    def body_sha256(self) -> str:
        """The hash of the conversation."""
        return hashlib.sha256(_canonical(self.messages)).hexdigest()


def read_lines(text: str, model: str | None) -> list[BatchLine]:
    """Parse the file. ``model`` is the only one that a body may name, if it is known.

    Raises InvalidLines.
    """
    lines: list[BatchLine] = []
    errors: list[str] = []
    numbers: dict[str, int] = {}
    for number, content in enumerate(text.split("\n"), 1):
        if not content.strip():
            continue
        try:
            lines.append(_parse(number, content, model))
        except ValueError as error:
            errors.append(f"Line {number} {error}")
            continue
        first = numbers.setdefault(lines[-1].custom_id, number)
        if first != number:
            errors.append(f"Line {number} repeats the custom_id of line {first}.")
    if errors:
        raise InvalidLines(errors)
    if not lines:
        raise InvalidLines(["The file has no lines."])
    return lines


def _parse(number: int, content: str, model: str | None) -> BatchLine:
    line = strict_json.parse(content)
    if not isinstance(line, dict):
        raise InvalidLine("is not a JSON object.")
    if unknown := sorted(line.keys() - _LINE_FIELDS):
        raise InvalidLine(f"has the unknown field {unknown[0]}.")
    custom_id = line.get("custom_id")
    if not isinstance(custom_id, str) or not 0 < len(custom_id) <= MAX_CUSTOM_ID_CHARS:
        raise InvalidLine(f"needs a custom_id of 1 to {MAX_CUSTOM_ID_CHARS} characters.")
    if line.get("method", "POST") != "POST" or line.get("url", ENDPOINT) != ENDPOINT:
        raise InvalidLine(f"must have the method POST and the url {ENDPOINT}.")
    body = line.get("body")
    if not isinstance(body, dict):
        raise InvalidLine("needs a body, which is an object.")
    _check_fields(body, model)
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise InvalidLine("has a body.metadata that is not an object.")
    parsed = BatchLine(number, custom_id, list(_messages(body)), metadata)
    if parsed.size_bytes > MAX_BODY_BYTES:
        raise InvalidLine("has a conversation of more than 4 MiB.")
    return parsed


def _check_fields(body: dict[str, Any], model: str | None) -> None:
    if model and body.get("model", model) != model:
        raise InvalidLine(f"has body.model {body['model']!r}, but this Backburner uses {model}.")
    for name in sorted(body.keys() - _READ - _WITHOUT_EFFECT):
        if name not in _SAME_AS_FIXED:
            raise InvalidLine(f"has body.{name}: leave it out, the request is fixed.")
        if body[name] is not _SAME_AS_FIXED[name]:
            raise InvalidLine(f"has body.{name} {body[name]!r}: leave it out.")


def _messages(body: dict[str, Any]) -> Iterator[Message]:
    """The conversation: instructions first, as a developer message."""
    instructions, given = body.get("instructions"), body.get("input")
    if instructions is not None:
        yield Message(role="developer", content=_text(instructions, "body.instructions"))
    if isinstance(given, str):
        yield Message(role="user", content=_text(given, "body.input"))
        return
    if not isinstance(given, list) or not given:
        raise InvalidLine("needs body.input: a string, or a list of messages.")
    for index, message in enumerate(given):
        yield _message(message, f"body.input[{index}]")
    if given[-1].get("role") != "user":
        raise InvalidLine("ends with a message that is not the user's.")


def _message(message: object, name: str) -> Message:
    if not isinstance(message, dict) or message.get("type", "message") != "message":
        raise InvalidLine(f"has a {name} that is not a message.")
    role = _ROLES.get(str(message.get("role")))
    if role is None:
        raise InvalidLine(f"has a {name}.role that is not {', '.join(_ROLES)}.")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(_part(part, f"{name}.content") for part in content)
    return Message(role=role, content=_text(content, f"{name}.content"))  # type: ignore[typeddict-item]  # of _ROLES


def _part(part: object, name: str) -> str:
    match part:
        case {"type": str(kind), "text": str(text)} if kind in _PART_TYPES:
            return text
        case _:
            raise InvalidLine(f"has a part in {name} that is not text.")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidLine(f"needs text in {name}.")
    return value


def _canonical(messages: list[Message]) -> bytes:
    return json.dumps(messages, ensure_ascii=False, sort_keys=True).encode()
