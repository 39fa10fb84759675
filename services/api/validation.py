"""What is wrong with the fields of a request, in words that say what to do."""

from collections.abc import Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError

from services.api.conversation import LIST, TEXT
from shared.request import MODEL

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


def complaints(error: RequestValidationError) -> list[tuple[str, str]]:
    """Pydantic's findings as (field, what to do), with the field written as in JavaScript."""
    return [
        (_field(found["loc"]), _advice(str(found["loc"][-1]), found)) for found in error.errors()
    ]


def _field(location: Sequence[str | int]) -> str:
    name = ""
    for step in location[1:]:
        if isinstance(step, int):
            name += f"[{step}]"
        elif step not in (TEXT, LIST):
            name += f".{step}" if name else step
    return name or "body"


def _advice(name: str, found: dict[str, Any]) -> str:
    match found["type"], name:
        case "extra_forbidden", _:
            return f"{FIXED.get(name, 'There is no such field')}: leave this field out."
        case "missing", _:
            return "This field is required."
        case "model_attributes_type" | "dict_type", "body":
            return "Send a JSON object, with Content-Type: application/json."
        case "literal_error", "role":
            return "A message is from the developer, the user or the assistant."
        case "literal_error", "type":
            return "Only text can be sent: input_text from you, output_text from the assistant."
        case "value_error", _:
            return str(found["ctx"]["error"])
        case _:
            return f"{found['msg'].rstrip('.')}."
