"""What is left of a deleted task: that it was, and what became of it at the provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

RETENTION_MS = 30 * 24 * 3600 * 1000
"""Milliseconds for which a tombstone and the idempotency key of its task are kept."""


class DeletionOutcome(StrEnum):
    """What is known of the provider's side."""

    DELETED = "deleted"
    ALREADY_GONE = "already_gone"
    NEVER_SENT = "never_sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Times are milliseconds since the epoch; ``attempts`` are the deletions tried in vain before.

    ``cost_unknown`` where something was at the provider, or may have been, that is not accounted
    for.
    """

    id: str
    provider: str
    outcome: DeletionOutcome
    requested_at: int
    deleted_at: int
    until: int
    attempts: int
    cost_unknown: bool
    owner: str | None = None
    response_id: str | None = None
    client_request_id: str | None = None

    @classmethod
    def from_record(cls, record: Mapping[bytes, bytes]) -> Self:
        """Read a tombstone's hash."""
        fields = {name.decode(): value.decode() for name, value in record.items()}
        return cls(
            id=fields["id"],
            provider=fields["provider"],
            outcome=DeletionOutcome(fields["outcome"]),
            requested_at=int(fields["requested_at"]),
            deleted_at=int(fields["deleted_at"]),
            until=int(fields["until"]),
            attempts=int(fields["attempts"]),
            cost_unknown=fields["cost_unknown"] == "1",
            owner=fields.get("owner"),
            response_id=fields.get("response_id"),
            client_request_id=fields.get("client_request_id"),
        )
