"""The intervals and limits of polling."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """Times in milliseconds; ``deadline_ms`` counts from the submission."""

    interval_ms: int
    deadline_ms: int

    @property
    def stale_after_ms(self) -> int:
        """Delay after which the sweep takes a poll without a result for lost.

        It is longer than a poll may take, unless polls are so frequent that one more is harmless.
        """
        return min(max(self.interval_ms // 2, 8_000), 25_000)

    @property
    def cancel_settle_ms(self) -> int:
        """Time after which a response reported as cancelled is not expected to complete."""
        return 15 * self.interval_ms

    @property
    def missing_grace_ms(self) -> int:
        """Time for which a 404 is no end: OpenAI has answered 404 for responses that still ran."""
        return 2 * self.interval_ms
