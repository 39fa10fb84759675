"""The settings that every service shares, read from the environment once, at its start."""

import os
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.domain.errors import InvalidSetting
from shared.domain.webhook_address import AddressPolicy

SENTINEL = "redis+sentinel://"
"""How a REDIS_URL begins that names Sentinels."""

WEBHOOK_KEY_BYTES = 32

RENAMED = {
    "BACKBURNER_MAX_EVENT_CLIENTS": "BACKBURNER_MAX_EVENT_SUBSCRIBERS",
    "BACKBURNER_MAX_JOBS": "BACKBURNER_CONCURRENCY",
    "BACKBURNER_PUBLISHED_HOST": "BACKBURNER_PUBLIC_HOST",
    "BACKBURNER_STORE_BUDGET_MB": "BACKBURNER_STORE_MEMORY_WARN_MB",
    "BACKBURNER_TRUST_NETWORK": "BACKBURNER_ALLOW_UNAUTHENTICATED",
    "BACKBURNER_UNSAFE_STORE": "BACKBURNER_ALLOW_UNSAFE_STORE",
}
"""Former names of settings, each with its present one."""


def reject_renamed(environ: Mapping[str, str]) -> None:
    """Raise InvalidSetting if a former name is set: its value would be ignored in silence."""
    for old, new in RENAMED.items():
        if environ.get(old):
            raise InvalidSetting(f"{old} is now called {new}. Rename it.")


class SharedSettings(BaseSettings):
    """Names as the ecosystem has them; our own begin with ``BACKBURNER_``."""

    model_config = SettingsConfigDict(
        env_prefix="BACKBURNER_", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    redis_url: SecretStr = Field(
        default=SecretStr("redis://127.0.0.1:6379/0"),
        validation_alias=AliasChoices("REDIS_URL", "redis_url"),
        description="the Valkey or Redis that holds everything",
    )
    provider: Literal["openai", "simulator"] = Field(
        default="openai", description="where tasks go; each provider's tasks stay its own"
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="text for people, json for machines"
    )
    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_ENDPOINT", "otlp_endpoint"),
        description="where traces go (OTLP over HTTP); without it nothing is traced",
    )
    min_replicas: int | None = Field(
        default=None,
        ge=0,
        le=16,
        description="replicas that must have a write (1 behind Sentinels, else 0)",
    )
    allow_unsafe_store: bool = Field(
        default=False, description="accept a store that may lose what it acknowledged"
    )

    webhook_key: SecretStr | None = Field(
        default=None,
        description="encrypts the secrets of webhook endpoints in the store; a new key goes before"
        " the old one and a comma",
    )
    webhook_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="hosts and networks beside public ones that webhooks may be sent to, separated"
        " by commas",
    )

    @field_validator("webhook_key")
    @classmethod
    def _check_webhook_key(cls, key: SecretStr | None) -> SecretStr | None:
        try:
            keys = [] if key is None else _split(key.get_secret_value())
            fits = all(len(urlsafe_b64decode(each)) == WEBHOOK_KEY_BYTES for each in keys)
        except ValueError:
            fits = False
        if not fits:
            raise PydanticCustomError(
                "webhook_key", "must be 32 bytes in URL-safe base64 (44 characters)"
            )
        return key

    @field_validator("webhook_allow", mode="before")
    @classmethod
    def _check_webhook_allow(cls, value: object) -> object:
        names = _split(value) if isinstance(value, str) else value
        if isinstance(names, tuple):
            try:
                AddressPolicy.parse(names)
            except ValueError as error:
                raise PydanticCustomError("webhook_allow", "{why}", {"why": str(error)}) from None
        return names

    @property
    def webhook_keys(self) -> tuple[str, ...]:
        """The keys that encrypt webhook secrets; the first one is used for new ones."""
        return () if self.webhook_key is None else _split(self.webhook_key.get_secret_value())

    @property
    def webhook_policy(self) -> AddressPolicy:
        """To which addresses webhooks may be sent."""
        return AddressPolicy.parse(self.webhook_allow)

    @property
    def replica_floor(self) -> int:
        """How many replicas must have a write, however few are connected.

        Behind Sentinels one at least: a master that lost its replicas may have been replaced.
        """
        if self.min_replicas is not None:
            return self.min_replicas
        return int(self.redis_url.get_secret_value().startswith(SENTINEL))

    @classmethod
    def from_environment(cls) -> Self:
        """Read them. Raises InvalidSetting, naming the variable but never its value."""
        reject_renamed(os.environ)
        try:
            return cls()
        except ValidationError as error:
            problem = error.errors(include_input=False, include_url=False)[0]
            name = str(problem["loc"][0])
            name = name if name.isupper() else f"BACKBURNER_{name.upper()}"
            raise InvalidSetting(f"{name}: {problem['msg']}") from None


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
