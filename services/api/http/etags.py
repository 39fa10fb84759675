"""Whether a client holds what it asks for already (RFC 9110, 13.1.2)."""

import re
from collections.abc import Sequence

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def etag_matches(if_none_match: Sequence[str], etag: str) -> bool:
    """Whether the headers name this ETag, or any; weak and strong spellings are the same here."""
    listed = ",".join(if_none_match)
    return listed.strip() == "*" or etag.removeprefix("W/") in _TAG.findall(listed)
