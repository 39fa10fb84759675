"""The poller's settings, read from the environment once."""

from pathlib import Path

import httpx2
from pydantic import AliasChoices, AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from shared.runtime.settings import SharedSettings

DAY_MS = 86_400_000


class PollerSettings(SharedSettings):
    """Times in seconds, unless the name says days."""

    openai_api_key: SecretStr = Field(
        validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key"),
        description="the key that pays; only the poller has it",
    )
    openai_base_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url"),
        description="another address of the Responses API, with its /v1",
    )
    data_dir: Path | None = Field(
        default=None,
        description="directory for the epoch of Redis, by which a rollback is detected",
    )
    poll_interval: float = Field(default=61, ge=0.1, le=3600, description="between two polls")
    deadline: float = Field(
        default=3 * 3600,
        gt=0,
        allow_inf_nan=False,
        description="from submission until a task is given up",
    )
    submit_timeout: float = Field(default=40, ge=1, le=45, description="for the answer to a POST")
    poll_timeout: float = Field(default=20, ge=1, le=25, description="for the answer to a GET")
    concurrency: int = Field(default=300, ge=1, le=1000, description="jobs at once in one poller")
    requests_per_second: float = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="to the provider, of all pollers together (the same for each)",
    )

    retention_days: float | None = Field(
        default=None,
        gt=0,
        le=36_500,
        description="after its end until a task is deleted; without it, kept for ever",
    )
    retention_export_dir: Path | None = Field(
        default=None, description="where a task is exported to before retention deletes it"
    )

    notifications_file: Path | None = Field(
        default=None,
        description="file of channels for messages to people; needs the package apprise",
    )

    metrics_host: str = Field(default="127.0.0.1", description="the address for scrapes")
    metrics_port: int | None = Field(
        default=None, ge=1, le=65535, description="the port for scrapes; without it there is none"
    )

    @property
    def retention(self) -> int | None:
        """How long ended tasks are kept, in milliseconds."""
        return None if self.retention_days is None else round(self.retention_days * DAY_MS)

    @field_validator("openai_api_key")
    @classmethod
    def _one_word(cls, key: SecretStr) -> SecretStr:
        value = key.get_secret_value()
        if not value.isascii() or any(character.isspace() for character in value):
            raise PydanticCustomError("key", "not one word of ASCII characters; set the key alone")
        return key

    @field_validator("openai_base_url")
    @classmethod
    def _http_address(cls, address: str | None) -> str | None:
        if address is None or is_http_address(address):
            return address
        raise PydanticCustomError(
            "address", "not an HTTP address; set one such as https://api.openai.com/v1"
        )


def is_http_address(text: str) -> bool:
    """Whether a request can be sent there.

    pydantic finds what httpx2 lets pass, and takes the path for a host that is missing.
    """
    try:
        AnyHttpUrl(text)
        url = httpx2.URL(text)
    except (ValidationError, httpx2.InvalidURL):
        return False
    return bool(url.host and not url.query)
