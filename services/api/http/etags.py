"""Compares ETags for conditional requests (RFC 9110, 13.1.2)."""

import re
from collections.abc import Sequence

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def etag_matches(if_none_match: Sequence[str], etag: str) -> bool:
    """Whether If-None-Match names this ETag or is ``*``; the comparison is weak."""
    listed = ",".join(if_none_match)
    return listed.strip() == "*" or etag.removeprefix("W/") in _TAG.findall(listed)
