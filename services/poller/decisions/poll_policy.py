"""How long things may take while a task is watched."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """How a task in progress is watched, in milliseconds.

    ``late`` is when a poll that was not noted counts as lost: longer than a poll may take, unless
    polls are so frequent that a second one does no harm.
    """

    poll_interval: int
    deadline: int

    @property
    def stale_after_ms(self) -> int:
        """Between 8 and 25 seconds, half the interval in between."""
        return min(max(self.poll_interval // 2, 8_000), 25_000)

    @property
    def cancel_settle_ms(self) -> int:
        """How long after its end a response that was cancelled may still turn out completed."""
        return 15 * self.poll_interval

    @property
    def missing_grace_ms(self) -> int:
        """How long a response may be unknown at the provider: 404s in mid-run have been seen."""
        return 2 * self.poll_interval
