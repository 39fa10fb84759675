"""Builds the problem document (RFC 9457) that every error is answered with."""

from collections.abc import Sequence
from typing import Any

from fastapi import Response
from orjson import dumps

MEDIA_TYPE = "application/problem+json"

MAX_ERRORS = 20
"""Invalid fields listed in one response: a body of 4 MiB may have many thousands."""

SERVER_ERROR = 500

_OPENAI_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}


def problem(
    status: int,
    kind: str,
    detail: str,
    *,
    errors: Sequence[tuple[str, str]] = (),
    headers: dict[str, str] | None = None,
    **members: object,
) -> Response:
    """A problem document; ``kind`` names it for programs, ``detail`` tells people what to do.

    ``error`` is OpenAI's form of the same, which its SDKs read.
    ``members`` are extension members (RFC 9457, 3.2).
    """
    body: dict[str, Any] = {
        "type": f"urn:backburner:problem:{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "error": {
            "message": detail,
            "type": _OPENAI_TYPES.get(
                status, "invalid_request_error" if status < SERVER_ERROR else "server_error"
            ),
            "param": errors[0][0] if errors else None,
            "code": kind.replace("-", "_"),
        },
    }
    if errors:
        body["errors"] = [
            {"field": field, "message": message} for field, message in errors[:MAX_ERRORS]
        ]
    return Response(dumps(body | members), status, headers, MEDIA_TYPE)
