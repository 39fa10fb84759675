"""The channels of messages to people, as a client reads them: never with an address."""

from pydantic import BaseModel, Field


class ChannelOut(BaseModel):
    """One channel that the operator has set."""

    name: str
    service: str = Field(description="The kind of service.", examples=["slack"])
    events: list[str] = Field(examples=[["task.completed", "budget_warning"]])
    owners: list[str] | None = Field(
        description="The owners whose events it gets; null: all, or hidden from you."
    )
    last_sent_at: str | None = Field(
        description="The latest message that arrived; like the next two only for an admin, or if"
        " the channel gets only your events."
    )
    failing_since: str | None
    problem: str | None = Field(
        description="Why the latest message failed, in one word.", examples=["http_404"]
    )


class NotificationsOut(BaseModel):
    """Empty where no poller that runs has the setting BACKBURNER_NOTIFICATIONS_FILE."""

    channels: list[ChannelOut]
