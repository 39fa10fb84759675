"""One token: the secret that a client sends, and the hash that the server keeps."""

import re
import secrets
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

NAME = r"[a-z0-9][a-z0-9_-]{0,39}"
"""A token's name is the owner of its tasks, and outlives its secret."""


def _name(name: str) -> str:
    if not re.fullmatch(NAME, name):
        raise PydanticCustomError(
            "name", "use up to 40 of a-z, 0-9, _ and -, a letter or digit first"
        )
    return name


class Token(BaseModel):
    """One token. ``daily_budget_usd`` limits the cost of its tasks a day (UTC); None: no limit.

    Its shares of what all owners share: ``max_open_tasks`` and ``max_event_subscribers`` are half
    of the installation's if None.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, AfterValidator(_name)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    admin: StrictBool = False
    daily_budget_usd: Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=6)] | None = None
    requests_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 600
    max_connections: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    max_event_subscribers: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    max_open_tasks: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    max_stored_mb: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000
    created: datetime | None = None

    @property
    def daily_budget(self) -> int | None:
        """The budget in micro-dollars."""
        return None if self.daily_budget_usd is None else int(self.daily_budget_usd * 1_000_000)


def new_secret() -> str:
    """A secret of 256 random bits, with a prefix that secret scanners can find."""
    return f"bb_{secrets.token_urlsafe(32)}"


def digest(secret: bytes) -> str:
    """The hash that is kept. The secret is random, so SHA-256 without salt is enough."""
    return sha256(secret).hexdigest()
