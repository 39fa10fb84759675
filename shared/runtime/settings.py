"""The settings that every service shares, read from the environment once, at its start."""

import os
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.domain.errors import InvalidSetting

SENTINEL = "redis+sentinel://"
"""How a REDIS_URL begins that names Sentinels."""

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
