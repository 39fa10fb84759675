"""Reads the operator's file of channels. Its addresses contain tokens: no error quotes one."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.poller.notifications.services import SERVICES
from shared.domain.errors import InvalidSetting
from shared.domain.webhooks import EventType

SETTING = "BACKBURNER_NOTIFICATIONS_FILE"

MAX_CHANNELS = 20

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class EventKind(StrEnum):
    """What a channel can get."""

    COMPLETED = EventType.COMPLETED.value
    INCOMPLETE = EventType.INCOMPLETE.value
    FAILED = EventType.FAILED.value
    CANCELLED = EventType.CANCELLED.value
    UNCONFIRMED = EventType.UNCONFIRMED.value
    LATE_ANSWER = EventType.LATE_ANSWER.value
    BUDGET_WARNING = "budget_warning"
    SUBMISSIONS_PAUSED = "submissions_paused"
    MODEL_SHUTDOWN = "model_shutdown"
    WEEKLY_DIGEST = "weekly_digest"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Channel(_Strict):
    """One address, and the events that it gets. ``owners`` of None are all owners."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    url: SecretStr
    events: frozenset[EventKind] = Field(min_length=1)
    owners: frozenset[Annotated[str, Field(min_length=1)]] | None = Field(
        default=None, min_length=1
    )
    include_title: bool = True
    include_answer: bool = False

    @field_validator("url")
    @classmethod
    def _check_service(cls, url: SecretStr) -> SecretStr:
        scheme, colon, _ = url.get_secret_value().partition("://")
        if not colon or scheme.lower() not in SERVICES:
            raise PydanticCustomError(
                "service",
                "must begin with one of the services that docs/notifications.md lists, such as"
                " slack:// or mailtos://",
            )
        return url

    @property
    def service(self) -> str:
        """The beginning of the address, which is not secret."""
        return self.url.get_secret_value().partition("://")[0].lower()

    def concerns(self, owner: str | None) -> bool:
        """Whether it gets events of this owner's tasks."""
        return self.owners is None or owner in self.owners


class DigestTime(_Strict):
    """When the weekly digest is due, in UTC."""

    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    hour: int = Field(ge=0, le=23)


class Notifications(_Strict):
    """The whole file. Messages link to ``page_url`` if it is set."""

    channels: tuple[Channel, ...] = Field(min_length=1, max_length=MAX_CHANNELS)
    page_url: str | None = None
    weekly_digest: DigestTime = DigestTime(weekday="monday", hour=7)

    @field_validator("page_url")
    @classmethod
    def _check_page_url(cls, text: str | None) -> str | None:
        if text is None:
            return None
        try:
            TypeAdapter(AnyHttpUrl).validate_python(text)
        except ValidationError:
            raise PydanticCustomError(
                "page_url", "must be the page's address, such as https://answers.example.com"
            ) from None
        return text.rstrip("/")

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        if len({channel.name for channel in self.channels}) < len(self.channels):
            raise PydanticCustomError("names", "each channel needs a name of its own")
        return self

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file. Raises InvalidSetting, which quotes nothing of it."""
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InvalidSetting(f"{SETTING}={path}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise InvalidSetting(f"{SETTING}={path}: the file is not UTF-8 text.") from None
        except tomllib.TOMLDecodeError as error:
            where = str(error).rpartition("(")[2].rstrip(")")
            raise InvalidSetting(
                f"{SETTING}={path}: the file is not valid TOML, {where}."
            ) from None
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            problem = error.errors(include_input=False, include_url=False)[0]
            field = ".".join(map(str, problem["loc"])) or "channels"
            raise InvalidSetting(f"{SETTING}={path}: {field}: {problem['msg']}.") from None
