"""The API's settings, read from the environment once. It has no field for the provider's key."""

from decimal import Decimal
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from shared.settings import SharedSettings


class ApiSettings(SharedSettings):
    """Where it listens and what it takes."""

    host: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="the port to listen on")
    allowed_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(), description="names besides localhost it may be called by, with commas"
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENAI_WEBHOOK_SECRET", "webhook_secret"),
        description="signs the provider's events; without it none is taken",
    )
    max_open_tasks: int = Field(default=1000, ge=1, description="unfinished tasks at a time")
    daily_budget_usd: Decimal | None = Field(
        default=None,
        gt=0,
        max_digits=15,
        decimal_places=6,
        description="no new task once the day's finished ones cost this (UTC)",
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(name.strip().lower() for name in value.split(",") if name.strip())
        return value

    @property
    def daily_budget(self) -> int | None:
        """The budget in micro-dollars."""
        return None if self.daily_budget_usd is None else int(self.daily_budget_usd * 1_000_000)
