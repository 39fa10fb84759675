"""Sizes up to which the API reads a request."""

MAX_HEADERS_BYTES = 64 * 1024
"""Of the request line and all headers."""

MAX_BODY_BYTES = 4 * 1024 * 1024
