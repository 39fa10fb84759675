"""The bodies of /healthz and /readyz."""

from typing import Literal

from pydantic import BaseModel, Field

from shared.domain.states import PauseReason


class PauseOut(BaseModel):
    """Why submission is paused."""

    reason: PauseReason
    message: str
    since: str
    attempts: int = Field(description="How often OpenAI has refused since then.")
    next_attempt_at: str | None = Field(description="When one task is sent as a probe.")


class IssueOut(BaseModel):
    """One issue; docs/operations.md says what to do."""

    kind: str
    message: str


class Readiness(BaseModel):
    """Whether tasks are accepted and processed."""

    status: Literal["ready", "unavailable"]
    provider: str
    model: str
    pollers: int | None
    paused: PauseOut | None
    issues: list[IssueOut] = Field(description="All issues, causes first.")
    detail: str = Field(description="The same as sentences.")
    durability: str | None = Field(description="What an accepted task survives, in a sentence.")


class Liveness(BaseModel):
    """The process runs."""

    status: Literal["ok"]
