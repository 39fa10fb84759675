"""The API's settings, read from the environment once. It has no field for the provider's key."""

from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from shared.domain.errors import InvalidSetting
from shared.runtime.settings import SharedSettings


class ApiSettings(SharedSettings):
    """Where it listens and what it takes."""

    host: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="the port to listen on")
    allowed_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(), description="names besides localhost it may be called by, with commas"
    )
    tokens_file: Path | None = Field(
        default=None, description="the tokens of those who may call; without it anybody may"
    )
    public_host: str | None = Field(
        default=None, description="the address that a container is reached by, instead of host"
    )
    allow_unauthenticated: bool = Field(
        default=False, description="let anybody in the network spend, without a token"
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENAI_WEBHOOK_SECRET", "webhook_secret"),
        description="signs the provider's events; without it none is taken",
    )
    max_open_tasks: int = Field(default=1000, ge=1, description="unfinished tasks at a time")
    max_event_subscribers: int = Field(
        default=1000, ge=1, description="clients that follow events or wait for one, at a time"
    )
    daily_budget_usd: Decimal | None = Field(
        default=None,
        gt=0,
        max_digits=15,
        decimal_places=6,
        description="what tasks may cost a day (UTC); more of them wait",
    )

    data_dir: Path | None = Field(
        default=None, description="where what is derived from the store is kept, to start sooner"
    )

    store_memory_warn_mb: int | None = Field(
        default=None, ge=1, description="memory the store may take, if it has no maxmemory"
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(name.strip().lower() for name in value.split(",") if name.strip())
        return value

    @property
    def store_memory_warn_bytes(self) -> int | None:
        """The store's memory in bytes; a mebibyte is 2**20."""
        return None if self.store_memory_warn_mb is None else self.store_memory_warn_mb * 2**20

    def require_protection(self) -> None:
        """Raises SettingUnusable where others than this machine's users could call and spend."""
        if self.tokens_file or self.allow_unauthenticated:
            return
        remedy = (
            "others could then read everything and spend your money: make a token and set"
            " BACKBURNER_TOKENS_FILE, or trust them all with BACKBURNER_ALLOW_UNAUTHENTICATED=true."
        )
        host = self.public_host or self.host
        if not _is_loopback(host):
            raise InvalidSetting(f"BACKBURNER_HOST={host} is not loopback, and {remedy}")
        if self.allowed_hosts:
            raise InvalidSetting(f"BACKBURNER_ALLOWED_HOSTS is set, and {remedy}")

    @property
    def daily_budget(self) -> int | None:
        """The budget in micro-dollars."""
        return None if self.daily_budget_usd is None else int(self.daily_budget_usd * 1_000_000)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
