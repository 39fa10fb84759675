"""The headers that tell browsers what a response of this server may do."""

from collections.abc import Mapping

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types backburner-answer"
"""Only this policy makes markup and the worker's address: frontend/…/trusted-types.js."""

DOCS = "/docs"
"""Swagger UI writes markup without Trusted Types, and shows only our own OpenAPI document."""

_BASE_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

SECURITY_HEADERS = [
    (b"content-security-policy", f"{CONTENT_SECURITY_POLICY}; {TRUSTED_TYPES}".encode()),
    *_BASE_HEADERS,
]

_DOCS_HEADERS = [(b"content-security-policy", CONTENT_SECURITY_POLICY.encode()), *_BASE_HEADERS]

_ASSET_TYPES = (b"text/javascript", b"text/css")
"""Assets follow the policy of the page that loads them."""

_ASSET_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
"""A page loads dozens of assets, and HTTP/1.1 does not compress headers."""


def security_headers(path: str, headers: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """What to add to a response with these headers (names in lower case) for this path."""
    if path == DOCS or path.startswith(f"{DOCS}/"):
        added = _DOCS_HEADERS
    elif headers.get(b"content-type", b"").startswith(_ASSET_TYPES):
        added = _ASSET_HEADERS
    else:
        added = SECURITY_HEADERS
    if b"cache-control" in headers:
        return added
    # Conversations stay out of every cache; pages are revalidated, so that an update shows.
    policy = b"no-store" if path.startswith("/v1/") else b"no-cache"
    return [*added, (b"cache-control", policy)]
