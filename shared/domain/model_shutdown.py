"""The announced end of the active model: how many days are left, and what to change before."""

from dataclasses import dataclass
from datetime import date

NOTICE_DAYS = 30
"""Days before the end from which everything that reports problems reports this one."""

REMEDY = "Change ACTIVE in shared/openai/model.py and restart all processes (docs/model.md)."


@dataclass(frozen=True, slots=True)
class ModelShutdown:
    """The provider refuses ``model`` from ``day`` (UTC) on, in ``days_left`` days."""

    model: str
    day: date
    days_left: int

    @property
    def near(self) -> bool:
        """Whether it is time to say so."""
        return self.days_left <= NOTICE_DAYS

    @property
    def message(self) -> str:
        """When it is, what follows, and which line to change."""
        return (
            f"OpenAI shuts {self.model} down on {self.day}, {self._when}. Tasks that are not sent"
            f" by then wait, and none is lost. {REMEDY}"
        )

    @property
    def _when(self) -> str:
        days = abs(self.days_left)
        if days == 0:
            return "which is today"
        number = "1 day" if days == 1 else f"{days} days"
        return f"in {number}" if self.days_left > 0 else f"{number} ago"
