"""Formats durations for people."""

MINUTE = 60
HOUR = 60 * MINUTE


def format_duration(milliseconds: int) -> str:
    """At most two units, rounded down: ``45 s``, ``12 min``, ``2 h 5 min``, ``49 h``."""
    seconds = milliseconds // 1000
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
    return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"  # noqa: PLR2004 -- exact enough
