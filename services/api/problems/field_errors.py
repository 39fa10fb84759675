"""What is wrong with the fields of a request, in words that say what to do."""

from collections.abc import Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError

from services.api.tasks.conversation import HALF_A_CHARACTER, LIST, TEXT
from shared.openai.request import MODEL

FIXED = {
    "model": f"The model is fixed to {MODEL}",
    "text": "The text format is fixed",
    "verbosity": f"{MODEL} takes no verbosity",
    "reasoning": f"{MODEL} takes no reasoning effort; the parameter is fixed",
    "store": "A background response is always stored at the provider",
    "background": "Every task runs in background mode",
    "tools": "The tools are fixed to web search",
}
"""Parameters of the Responses API that a client may expect here, and why there is none."""


ADVICE = {
    ("missing", "body"): "Send a JSON object, with Content-Type: application/json.",
    ("model_attributes_type", "body"): "Send a JSON object, with Content-Type: application/json.",
    ("missing", ""): "This field is required.",
    ("model_attributes_type", ""): "Give an object.",
    ("string_unicode", ""): HALF_A_CHARACTER,
    ("string_type", ""): "Give a string.",
    ("string_too_short", ""): "This is empty: give it a value, or leave it out.",
    ("string_too_long", ""): "Give at most {max_length} characters.",
    ("too_long", ""): "Give at most {max_length} of them.",
    ("dict_type", ""): "Give an object.",
    ("int_parsing", ""): "Give a whole number.",
    ("greater_than_equal", ""): "Give {ge} or more.",
    ("less_than_equal", ""): "Give {le} or less.",
    ("enum", ""): "Give {expected}.",
    ("literal_error", "role"): "A message is from the developer, the user or the assistant.",
    ("literal_error", "type"): (
        "A message has the type message. Its parts are text:"
        " input_text from you, output_text from the assistant."
    ),
    ("string_pattern_mismatch", "parent_id"): (
        "Give the id of a task, such as task_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a."
    ),
    ("string_pattern_mismatch", "response_id"): (
        "Give the id of a response, such as resp_0389930dd33170b8."
    ),
    ("string_pattern_mismatch", "cursor"): (
        "Give the next_cursor of the page before; leave it out for the first page."
    ),
}
"""What to do, by pydantic's kind of error and the field's name, or the kind alone.

In braces stands what pydantic knows of the limit.
"""


def complaints(error: RequestValidationError) -> list[tuple[str, str]]:
    """Pydantic's findings as (field, what to do), with the field written as in JavaScript."""
    return [(field := _field(found["loc"]), _advice(field, found)) for found in error.errors()]


def _field(location: Sequence[str | int]) -> str:
    name = ""
    for step in location[1:]:
        if isinstance(step, int):
            name += f"[{step}]"
        elif step not in (TEXT, LIST):
            name += f".{step}" if name else step
    return name or "body"


def _advice(field: str, found: dict[str, Any]) -> str:
    kind, name = found["type"], field.rpartition(".")[2]
    match kind:
        case "extra_forbidden":
            return f"{FIXED.get(field, 'There is no such field')}: leave this field out."
        case "value_error":
            return str(found["ctx"]["error"])
        case _:
            known = ADVICE.get((kind, name)) or ADVICE.get((kind, ""))
            return known.format(**found.get("ctx", {})) if known else f"{found['msg'].rstrip('.')}."
