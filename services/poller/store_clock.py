"""The store's time without asking it each time: this machine's clock, set right once a second."""

from collections.abc import Callable


class StoreClock:
    """Milliseconds since the epoch on the store's clock; ``local`` gives this machine's."""

    def __init__(self, local: Callable[[], int]) -> None:
        self._local = local
        self._offset = 0

    def sync(self, server: int) -> None:
        """Take the store's time as it was a moment ago."""
        self._offset = server - self._local()

    def __call__(self) -> int:
        """What the store's clock shows now, to within a round trip."""
        return self._local() + self._offset
