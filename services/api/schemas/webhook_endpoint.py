"""Webhook endpoints and their deliveries, as a client sends and reads them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from services.api.schemas.conversation import StrictModel
from shared.domain.webhook_address import MAX_URL_CHARS
from shared.domain.webhooks import EventType, Format, TaskFilter

ENDPOINT_ID = r"^we_[0-9a-f]{32}$"

_EXAMPLE: dict[str, Any] = {
    "url": "https://hooks.example/backburner",
    "events": ["task.completed", "task.failed"],
}

Url = Annotated[str, StringConstraints(min_length=1, max_length=MAX_URL_CHARS)]
Events = Annotated[list[EventType], Field(min_length=1, max_length=len(EventType))]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class WebhookEndpointCreate(StrictModel):
    """A receiver of signed events."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    url: Url = Field(description="https, to a public address; the operator may allow others.")
    events: Events | None = Field(
        default=None, description="Default: all; with the format `openai`, those that it has."
    )
    tasks: TaskFilter = Field(
        default=TaskFilter.ALL,
        description="`named`: only of tasks that name it at their submission.",
    )
    format: Format = Field(
        default=Format.BACKBURNER,
        description="`openai`: OpenAI's events (`response.completed` and so on), for its SDKs.",
    )
    description: Description = ""


class WebhookEndpointUpdate(StrictModel):
    """Changes of an endpoint. A field that is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"disabled": False}]})

    url: Url | None = None
    events: Events | None = None
    tasks: TaskFilter | None = None
    format: Format | None = None
    description: Description | None = None
    disabled: StrictBool | None = Field(
        default=None, description="false: enable it, and send at once what waits."
    )


class WebhookEndpointOut(BaseModel):
    """A receiver of signed events. Times are RFC 3339 in UTC."""

    id: str
    url: str
    description: str
    events: list[EventType]
    tasks: TaskFilter
    format: Format
    created_at: str
    disabled: bool
    disabled_at: str | None
    disabled_reason: str | None = Field(description="A sentence.")
    failing_since: str | None = Field(description="The first failure since the last success.")
    waiting: int = Field(description="Events that the receiver has not confirmed.")
    previous_secret_until: str | None = Field(
        description="Until then the secret from before the last rotation signs, too."
    )


class WebhookEndpointWithSecret(WebhookEndpointOut):
    """The same with its secret, which is shown only here."""

    secret: str = Field(description="Verifies the signatures (Standard Webhooks).")


class WebhookEndpointList(BaseModel):
    """The endpoints of one owner."""

    data: list[WebhookEndpointOut] = Field(description="Oldest first.")


class WebhookTestOut(BaseModel):
    """A test event on its way."""

    event_id: str = Field(description="Look for it in the deliveries.")


class WebhookDeliveryOut(BaseModel):
    """One attempt to deliver an event."""

    event_id: str = Field(description="The header `webhook-id`; the same in each attempt.")
    type: str
    task_id: str | None
    attempt: int
    at: str
    outcome: Literal["delivered", "retrying", "given_up"]
    status: int | None = Field(description="The receiver's HTTP status.")
    error: str | None = Field(description="Why there is no status, in a word.")
    duration_ms: int
    next_attempt_at: str | None


class WebhookDeliveryList(BaseModel):
    """The latest attempts."""

    data: list[WebhookDeliveryOut] = Field(description="Newest first.")
