"""Computes how late polls were from their arrivals at the provider. Pure."""

from collections.abc import Iterable, Mapping


def lateness(
    due: Mapping[str, float], arrivals: Iterable[tuple[str, float]], interval: float
) -> list[float]:
    """Return the milliseconds by which each poll was late; ``due`` and arrivals in milliseconds.

    A first poll is compared with its due time, each later one with ``interval`` seconds after the
    poll before, so the time of the call and of storing its result counts, too.
    """
    expected = dict(due)
    late = []
    for name, at in arrivals:
        if name in expected:
            late.append(at - expected[name])
            expected[name] = at + 1000 * interval
    return late


def overdue(
    due: Mapping[str, float], arrivals: Iterable[tuple[str, float]], interval: float, now: float
) -> list[float]:
    """Return the milliseconds by which polls that had not arrived by ``now`` are late already."""
    expected = dict(due)
    for name, at in arrivals:
        if name in expected:
            expected[name] = at + 1000 * interval
    return [now - each for each in expected.values() if each < now]
