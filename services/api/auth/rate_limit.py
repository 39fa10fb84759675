"""Limits the requests of each token, by the generic cell rate algorithm (GCRA)."""

from collections.abc import Callable
from math import ceil

ROUNDING_S = 1e-6
"""Sums of floating-point times may be off by this much."""


class RateLimiter:
    """Allows each name a number of requests a minute, in one burst or spread out.

    It keeps one number a name: when the allowance will be full again. ``clock`` is in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._full: dict[str, float] = {}

    def acquire(self, name: str, per_minute: int) -> int:
        """Count a request. Returns 0 if it is allowed, else the seconds until the next one is."""
        now = self._clock()
        full = max(self._full.get(name, now), now) + 60 / per_minute
        early = full - now - 60
        if early > ROUNDING_S:
            return ceil(early)
        self._full[name] = full
        return 0
