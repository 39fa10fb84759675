"""A moment is read as RFC 3339 spells it, or not at all."""

import pytest

from services.api.http.timestamps import parse_timestamp_ms


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1970-01-02", 86_400_000),
        ("1970-01-01T00:00:01Z", 1_000),
        ("1970-01-01t00:00:01.0019z", 1_001),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("0001-01-01T00:00:00+23:59", -62_135_683_140_000),
    ],
)
def test_times_and_dates_are_milliseconds_since_the_epoch(text: str, moment: int) -> None:
    assert parse_timestamp_ms(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "1765340900", "20261123", "2026-W48", "2026-11", "2026-02-30"),
        *("2026-11-23T09:00:00", "2026-11-23T09:00Z", "2026-11-23 09:00:00Z"),
        *("2026-11-23T25:00:00Z", "2026-11-23T09:00:00 01:00", "\u0662026-11-23", "2026-11-23\n"),
    ],
)
def test_whatever_else_is_none(text: str) -> None:
    assert parse_timestamp_ms(text) is None
