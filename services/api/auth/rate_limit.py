"""How many requests a token may make, as one number a token: the generic cell rate algorithm."""

from collections.abc import Callable
from math import ceil

ROUNDING = 1e-6
"""Seconds by which sums of times may differ from what they stand for."""


class RateLimiter:
    """Lets each name have so many requests a minute, all at once or one by one.

    A name's state is when it will have its whole minute again, so it never grows with requests.
    ``clock`` is in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._full: dict[str, float] = {}

    def acquire(self, name: str, per_minute: int) -> int:
        """Count a request; 0 if it may go on, or the seconds after which one more may."""
        now = self._clock()
        full = max(self._full.get(name, now), now) + 60 / per_minute
        early = full - now - 60
        if early > ROUNDING:
            return ceil(early)
        self._full[name] = full
        return 0
