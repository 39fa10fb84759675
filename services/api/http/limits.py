"""Sizes up to which the API reads a request."""

MAX_HEADERS_BYTES = 64 * 1024
"""Of the request line and all headers."""

MAX_BODY_BYTES = 4 * 1024 * 1024

MAX_ACTION_BYTES = 64 * 1024
"""Of a body that holds no conversation."""

LARGE_BODY_BYTES = 64 * 1024
"""A body above this is parsed outside the event loop, one at a time."""

MAX_JSON_VALUES = 20_000
"""Values of a JSON body, which are about 6,000 parts."""

MAX_MARKERS = 5_000
"""Marker lines of a Markdown body."""
