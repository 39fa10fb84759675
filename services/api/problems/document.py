"""Builds the problem document (RFC 9457) that every error is answered with."""

from collections.abc import Sequence
from typing import Any

from fastapi import Response
from orjson import dumps

MEDIA_TYPE = "application/problem+json"

MAX_ERRORS = 20
"""Invalid fields listed in one response: a body of 4 MiB may have many thousands."""


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

    ``members`` are extension members (RFC 9457, 3.2).
    """
    body: dict[str, Any] = {
        "type": f"urn:backburner:problem:{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = [
            {"field": field, "message": message} for field, message in errors[:MAX_ERRORS]
        ]
    return Response(dumps(body | members), status, headers, MEDIA_TYPE)
