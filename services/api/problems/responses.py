"""The problems that have no error class: each is raised by a limit or a check of the server."""

from collections.abc import Sequence

from fastapi import Response

from services.api.http.limits import MAX_BODY_BYTES, MAX_HEADERS_BYTES
from services.api.problems.document import problem

RETRY_SOON = {"Retry-After": "5"}


def too_many_requests(per_minute: int, wait_s: int) -> Response:
    """The rate limit of a token is reached for ``wait_s`` seconds."""
    return problem(
        429,
        "too-many-requests",
        f"Limit of {per_minute:,} requests a minute for this token reached."
        f" Try again in {wait_s} s.",
        headers={"Retry-After": str(wait_s)},
    )


def too_many_connections(limit: int) -> Response:
    """One owner has as many requests under way as its token allows."""
    return problem(
        429,
        "too-many-connections",
        f"Limit of {limit:,} requests at a time for this token reached. End some, or raise"
        " max_connections in the tokens file.",
        headers={"Retry-After": "1"},
    )


def invalid_request(errors: Sequence[tuple[str, str]]) -> Response:
    """Fields of the request are invalid; ``detail`` repeats the first."""
    field, message = errors[0]
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return problem(422, "invalid-request", f"{field}: {message}{more}", errors=errors)


def invalid_parameter(errors: Sequence[tuple[str, str]]) -> Response:
    """The same in a call of OpenAI's API."""
    parameter, message = errors[0]
    return problem(400, "invalid-parameter", f"{parameter}: {message}", errors=errors)


def too_large(limit: int = MAX_BODY_BYTES) -> Response:
    """The body exceeds the limit in bytes; nothing of it was kept."""
    size = f"{limit // 2**20} MiB" if limit >= 2**20 else f"{limit // 2**10} KiB"
    what = "a shorter conversation" if limit == MAX_BODY_BYTES else "only the fields of this call"
    return problem(413, "too-large", f"The request body exceeds {size}. Send {what}.")


def encoded_body(encoding: str) -> Response:
    """The body is compressed, which is not supported."""
    detail = (
        f"Bodies with Content-Encoding {encoding[:50]} are not supported."
        " Send the body uncompressed, without this header."
    )
    return problem(415, "unsupported-media-type", detail, headers={"Accept-Encoding": "identity"})


def headers_too_large() -> Response:
    """The request line and headers exceed the limit."""
    limit = f"{MAX_HEADERS_BYTES // 2**10} KiB"
    detail = f"Request line and headers exceed {limit}. Shorten the address or send fewer headers."
    return problem(431, "headers-too-large", detail)


WRITE_UNCONFIRMED = (
    "Redis did not confirm the write, so the task may exist. Send the request again with the same"
    " Idempotency-Key: that creates no second task."
)

RIGHT_MISSING = (
    "Redis refused this to the user in REDIS_URL, so nothing was changed. /readyz names the right"
    " that it lacks."
)


UNREADABLE = "is not UTF-8, or is JSON nested too deeply or with a number of too many digits"


def malformed_body(reason: str = UNREADABLE) -> Response:
    """The body is not what its Content-Type says; ``reason`` completes "The body …"."""
    return problem(400, "malformed-body", f"The body {reason}.")


def store_unavailable(detail: str) -> Response:
    """Redis does not answer, or cannot write."""
    return problem(503, "store-unavailable", detail, headers=RETRY_SOON)


def shutting_down() -> Response:
    """The process stops before the request is complete."""
    return problem(
        503,
        "shutting-down",
        "The server is shutting down and the request may have taken effect. Send it again with the"
        " same Idempotency-Key: that creates no second task.",
        headers=RETRY_SOON,
    )


def host_not_allowed() -> Response:
    """The Host header names another server."""
    return problem(
        421,
        "host-not-allowed",
        "This server does not serve the host in the Host header."
        " Add its name, without a port, to BACKBURNER_ALLOWED_HOSTS.",
    )


def cross_origin() -> Response:
    """A page of another site sends a request through a browser."""
    return problem(
        403,
        "cross-origin",
        "Pages of other origins may not read or change tasks."
        " A proxy in front of this server must pass the Host header on unchanged.",
    )


def internal_error() -> Response:
    """An unexpected error; nothing of it is shown."""
    return problem(500, "internal-error", "Internal error. The log of the API has the details.")
