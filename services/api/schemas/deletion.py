"""The progress of a deletion, and its receipt."""

from pydantic import BaseModel, Field

from shared.domain.tombstone import DeletionOutcome


class DeletionOut(BaseModel):
    """A deletion in progress."""

    requested_at: str
    attempts: int = Field(description="Failed attempts; the next one follows within ten minutes.")
    problem: str | None = Field(description="Why the last attempt failed.")


class ProviderDeletion(BaseModel):
    """What happened to a deleted task at the provider."""

    response_id: str | None
    outcome: DeletionOutcome
    message: str


class DeletionReceipt(BaseModel):
    """The receipt of a deletion, kept for 30 days."""

    id: str
    deleted_at: str
    requested_at: str
    provider: ProviderDeletion
    here: str = Field(description="What is left of the task here.")
