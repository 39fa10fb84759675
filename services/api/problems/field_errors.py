"""Says what is wrong with each field of a request, and what to send instead."""

from collections.abc import Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError

from services.api.schemas.conversation import LONE_SURROGATE
from shared.openai.model import ACTIVE

FIXED_PARAMETERS = {
    "model": f"The model is fixed to {ACTIVE.name}",
    "text": "The text format is fixed",
    "verbosity": "The verbosity cannot be chosen",
    "reasoning": "The reasoning parameters are fixed; the effort cannot be chosen",
    "store": "OpenAI always stores a background response",
    "background": "Every task runs in background mode",
    "tools": "The tools are fixed to web search",
}
"""Parameters of the Responses API that clients may expect here, and why they are not taken."""

_SEND_OBJECT = "Send a JSON object, with Content-Type: application/json."

MESSAGES = {
    ("missing", "body"): _SEND_OBJECT,
    ("model_attributes_type", "body"): _SEND_OBJECT,
    ("missing", ""): "This field is required.",
    ("model_attributes_type", ""): "Send an object.",
    ("string_unicode", ""): LONE_SURROGATE,
    ("string_type", ""): "Send a string.",
    ("string_too_short", ""): "This is empty. Send a value or leave the field out.",
    ("string_too_long", ""): "Send at most {max_length} characters.",
    ("too_long", ""): "Send at most {max_length} items.",
    ("dict_type", ""): "Send an object.",
    ("int_parsing", ""): "Send an integer.",
    ("greater_than_equal", ""): "Send {ge} or more.",
    ("less_than_equal", ""): "Send {le} or less.",
    ("enum", ""): "Send {expected}.",
    ("literal_error", "role"): "The role of a message is developer, user or assistant.",
    ("literal_error", "type"): (
        "The type of a message is message. Its parts are text:"
        " input_text from developer and user, output_text from the assistant."
    ),
    ("string_pattern_mismatch", "parent_id"): (
        "Send the id of a task, such as task_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a."
    ),
    ("string_pattern_mismatch", "cursor"): (
        "Send the next_cursor of the previous page. Leave it out for the first page."
    ),
}
"""By pydantic's error type and the field's name, or "" for any field.

Braces take the limit from pydantic's error context.
"""


def field_errors(error: RequestValidationError) -> list[tuple[str, str]]:
    """Pydantic's errors as (field, message), with the field written as in JavaScript."""
    return [(field := _field(found["loc"]), _message(field, found)) for found in error.errors()]


def json_error(error: RequestValidationError) -> str | None:
    """Why and where the body is not JSON, to follow "The body"; None if it is JSON."""
    found = error.errors()[0]
    if found["type"] != "json_invalid":
        return None
    before = str(error.body)[: found["loc"][1]]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f"is not valid JSON (line {line}, column {column}): {found['ctx']['error']}"


def _field(location: Sequence[str | int]) -> str:
    name = ""
    for step in location[1:]:
        if isinstance(step, int):
            name += f"[{step}]"
        elif not step.startswith("<"):  # the tags of unions
            name += f".{step}" if name else step
    return name or "body"


def _message(field: str, found: dict[str, Any]) -> str:
    kind, name = found["type"], field.rpartition(".")[2]
    match kind:
        case "extra_forbidden" | "fixed_parameter":
            return f"{FIXED_PARAMETERS.get(field, 'Unknown field')}: leave this field out."
        case "value_error":
            return str(found["ctx"]["error"])
        case _:
            message = MESSAGES.get((kind, name)) or MESSAGES.get((kind, ""))
            if message is None:
                return f"{found['msg'].rstrip('.')}."
            return message.format(**found.get("ctx", {}))
