"""The API's settings from the environment. The OpenAI key is not among them."""

import re
from base64 import b64decode
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from shared.domain.errors import InvalidSetting
from shared.runtime.settings import SharedSettings

_ROOT_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*", re.ASCII)

MIN_WEBHOOK_SECRET_BYTES = 24
"""The least that Standard Webhooks allows."""


class ApiSettings(SharedSettings):
    """Where the API listens and how much it accepts."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on")
    allowed_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(), description="host names served besides localhost, separated by commas"
    )
    root_path: str = Field(
        default="", description="path under which a proxy publishes the API, such as /backburner"
    )
    tokens_file: Path | None = Field(
        default=None, description="file of tokens; without it no token is required"
    )
    public_host: str | None = Field(
        default=None,
        description="address on which a container is published, checked instead of host",
    )
    allow_unauthenticated: bool = Field(
        default=False, description="serve the network without tokens"
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENAI_WEBHOOK_SECRET", "webhook_secret"),
        description="verifies OpenAI's webhooks; without it they get a 404",
    )
    max_open_tasks: int = Field(default=1000, ge=1, description="limit of open tasks")
    max_event_subscribers: int = Field(
        default=1000, ge=1, description="limit of clients that follow events or wait for one"
    )
    daily_budget_usd: Decimal | None = Field(
        default=None,
        gt=0,
        max_digits=15,
        decimal_places=6,
        description="cost limit a day (UTC); tasks beyond it wait",
    )

    mcp: bool = Field(default=False, description="serve agents at /mcp; needs the package mcp")

    data_dir: Path | None = Field(
        default=None, description="directory of the search index, for a faster start"
    )

    store_memory_warn_mb: int | None = Field(
        default=None, ge=1, description="memory of Redis above which to warn if it has no maxmemory"
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(name.strip().lower() for name in value.split(",") if name.strip())
        return value

    @field_validator("root_path")
    @classmethod
    def _check_root_path(cls, value: str) -> str:
        root_path = value.rstrip("/")
        if not _ROOT_PATH.fullmatch(root_path):
            raise PydanticCustomError(
                "root_path", "must be a path such as /backburner, of letters, digits, -, _, . and ~"
            )
        return root_path

    @field_validator("webhook_secret")
    @classmethod
    def _check_webhook_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not _is_webhook_secret(secret.get_secret_value()):
            raise PydanticCustomError(
                "webhook_secret", "must be whsec_ and at least 24 bytes in base64"
            )
        return secret

    @property
    def store_memory_warn_bytes(self) -> int | None:
        """The same in bytes; a megabyte is 2**20 here."""
        return None if self.store_memory_warn_mb is None else self.store_memory_warn_mb * 2**20

    def require_protection(self) -> None:
        """Raise InvalidSetting if others than the users of this machine could read and spend."""
        if self.tokens_file or self.allow_unauthenticated:
            return
        hint = (
            "others could read all tasks and spend your money. Add a token and set"
            " BACKBURNER_TOKENS_FILE, or set BACKBURNER_ALLOW_UNAUTHENTICATED=true to trust them."
        )
        host = self.public_host or self.host
        if not _is_loopback(host):
            raise InvalidSetting(f"BACKBURNER_HOST={host} is not loopback: {hint}")
        if self.allowed_hosts:
            raise InvalidSetting(f"BACKBURNER_ALLOWED_HOSTS is set: {hint}")

    @property
    def daily_budget(self) -> int | None:
        """The budget in micro-dollars (1/1,000,000 $)."""
        return None if self.daily_budget_usd is None else int(self.daily_budget_usd * 1_000_000)


def _is_webhook_secret(text: str) -> bool:
    encoded = text.removeprefix("whsec_").rstrip("=")
    try:
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        return False
    return len(key) >= MIN_WEBHOOK_SECRET_BYTES


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
