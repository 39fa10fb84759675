"""Tells from outside how late polls were: what arrived at the provider against what was due."""

from collections.abc import Iterable, Mapping


def lateness(
    due: Mapping[str, float], arrivals: Iterable[tuple[str, float]], interval: float
) -> list[float]:
    """Milliseconds by which each poll came late; ``due`` and arrivals in milliseconds.

    A first poll is held against its due time, each later one against ``interval`` seconds after
    the poll before, so a chain's own slowness (the call, its note) counts as lateness too.
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
    """Milliseconds by which polls are late that have not come by ``now``: no less late for that."""
    expected = dict(due)
    for name, at in arrivals:
        if name in expected:
            expected[name] = at + 1000 * interval
    return [now - each for each in expected.values() if each < now]
