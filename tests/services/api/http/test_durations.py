"""A length of time is said as exactly as anybody wants to know it."""

import pytest

from services.api.http.durations import format_duration


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (36_300, "10 h"),
    ],
)
def test_it_is_said_in_two_units_at_most(seconds: float, said: str) -> None:
    assert format_duration(round(seconds * 1000)) == said
