"""Parses JSON that will be sent on: what JSON or UTF-8 cannot hold is refused with its reason."""

import json
from typing import NoReturn


def parse(text: str) -> object:
    """Return the value. Raises ValueError; the message completes "The file …"."""
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"is not valid JSON ({place}: {error.msg}).") from None
    except RecursionError:
        raise ValueError("is nested too deeply.") from None
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        half = ord(error.object[error.start])
        raise ValueError(
            f"contains half a character: \\u{half:04x} without its other half."
        ) from None
    except ValueError:
        raise ValueError("contains a number that is too large.") from None
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"contains {name}, which JSON does not have.")
