"""Gives the time of Redis without a round trip, by an offset to the local clock."""

from collections.abc import Callable


class StoreClock:
    """Milliseconds since 1970 by the clock of Redis; ``local`` is the local clock."""

    def __init__(self, local: Callable[[], int]) -> None:
        self._local = local
        self._offset = 0

    def sync(self, server: int) -> None:
        """Set the offset from a recent time of Redis."""
        self._offset = server - self._local()

    def __call__(self) -> int:
        """The time of Redis, accurate to a round trip."""
        return self._local() + self._offset
