"""How the latest calls to the provider went: told by each poller, and read where it is judged."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """Of ``calls``, ``failed`` got no proper answer, mostly for ``reason``.

    Half of the calls took longer than ``median`` milliseconds.
    """

    calls: int
    failed: int
    median: int
    reason: str | None = None


def merge(standings: Sequence[ProviderHealth]) -> ProviderHealth:
    """All pollers' as one: the reason and the median are those of most calls."""
    called = [standing for standing in standings if standing.calls]
    failing = [standing for standing in called if standing.reason]
    return ProviderHealth(
        calls=sum(standing.calls for standing in called),
        failed=sum(standing.failed for standing in called),
        median=_weighted_median(called),
        reason=max(failing, key=lambda each: each.failed).reason if failing else None,
    )


def _weighted_median(standings: Sequence[ProviderHealth]) -> int:
    half = sum(standing.calls for standing in standings) / 2
    seen = 0
    for standing in sorted(standings, key=lambda each: each.median):
        seen += standing.calls
        if seen >= half:
            return standing.median
    return 0
