"""Parses RFC 3339 timestamps that clients send."""

import re
from datetime import UTC, datetime, timedelta

_DATE = r"\d{4}-\d\d-\d\d"
_TIMESTAMP = re.compile(
    rf"{_DATE}(?:[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_timestamp_ms(text: str) -> int | None:
    """Milliseconds since the epoch, rounded down; a date means 00:00 UTC. None if invalid."""
    if not _TIMESTAMP.fullmatch(text):
        return None
    try:
        read = datetime.fromisoformat(text.upper())
    except ValueError:  # the 30th of February
        return None
    moment = read if read.tzinfo else read.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)
