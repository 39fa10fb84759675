"""The simulator's settings, read from the environment once at the start."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AnyHttpUrl, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from standardwebhooks import Webhook

from services.simulator.dialects import DIALECTS

SETTABLE = ("synchronous", *DIALECTS)


class Settings(BaseSettings):
    """The simulator's settings; durations are in seconds."""

    model_config = SettingsConfigDict(populate_by_name=True, env_ignore_empty=True)

    host: str = Field(default="127.0.0.1", validation_alias="BACKBURNER_SIMULATOR_HOST")
    port: int = Field(default=8001, ge=0, le=65535, validation_alias="BACKBURNER_SIMULATOR_PORT")
    key: str = Field(
        default="sk-simulator", min_length=1, validation_alias="BACKBURNER_SIMULATOR_KEY"
    )
    data_dir: Path = Field(default=Path("data"), validation_alias="BACKBURNER_DATA_DIR")
    queued_seconds: float = Field(
        default=1, ge=0, validation_alias="BACKBURNER_SIMULATOR_QUEUED_SECONDS"
    )
    run_seconds: float = Field(default=6, ge=0, validation_alias="BACKBURNER_SIMULATOR_RUN_SECONDS")
    create_seconds: float = Field(
        default=0, ge=0, validation_alias="BACKBURNER_SIMULATOR_CREATE_SECONDS"
    )
    dialect: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), validation_alias="BACKBURNER_SIMULATOR_DIALECT"
    )
    shutdown_date: date | None = Field(
        default=None, validation_alias="BACKBURNER_SIMULATOR_SHUTDOWN_DATE"
    )
    webhook_url: AnyHttpUrl | None = Field(
        default=None, validation_alias="BACKBURNER_SIMULATOR_WEBHOOK_URL"
    )
    webhook_secret: str = Field(default="", validation_alias="OPENAI_WEBHOOK_SECRET")
    log_format: Literal["text", "json"] = Field(
        default="text", validation_alias="BACKBURNER_LOG_FORMAT"
    )

    @field_validator("dialect", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        names = tuple(name.strip().lower() for name in value.split(",") if name.strip())
        if unknown := [name for name in names if name not in SETTABLE]:
            raise ValueError(f"no dialect {unknown[0]!r}; known: {', '.join(SETTABLE)}")
        return names

    @model_validator(mode="after")
    def _check_webhook_secret(self) -> Self:
        if self.webhook_url:
            try:
                Webhook(self.webhook_secret)
            except Exception as error:
                raise ValueError("OPENAI_WEBHOOK_SECRET must be whsec_ and base64") from error
        return self
