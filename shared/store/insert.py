"""A conversation on its way in: what the store needs to know to take it, and what it says."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from shared.domain.changes import SUBMIT_STALE_MS
from shared.domain.estimate import input_cost
from shared.domain.states import Status
from shared.domain.task import SCHEMA, Task
from shared.openai.model import ACTIVE
from shared.queue import Job, submit_job
from shared.store import keys

JOIN_MS = 35 * 60_000
"""How long a client's marked retry joins the task of the same body: OpenAI's SDKs make three
attempts of up to ten minutes each."""


@dataclass(frozen=True, slots=True)
class Unkeyed:
    """A request without an idempotency key, which the retries of its client can join all the same.

    ``body_hash`` is of its body as it was sent; ``received_at`` is the store's time in ms.
    ``is_retry`` is what the client says of it.
    """

    body_hash: str
    received_at: int
    is_retry: bool


@dataclass(frozen=True, slots=True)
class TaskInsert:
    """A new task before it has a record; ``conversation`` is its input as JSON.

    ``limit`` counts unfinished tasks, ``owner_limit`` those of the owner; ``owner_max_bytes`` is
    what may be kept of the owner's texts as they are stored. None: no limit. With ``replaced`` the
    task that this one retries ends, so it needs no room of its own.
    """

    id: str
    provider: str
    title: str
    conversation: bytes
    limit: int
    parent_id: str | None = None
    retry_of: str | None = None
    owner: str | None = None
    idempotency_key: str | None = None
    trace: str | None = None
    owner_limit: int | None = None
    owner_max_bytes: int | None = None
    replaced: bool = False
    unkeyed: Unkeyed | None = None
    metadata: dict[str, Any] | None = None
    has_instructions: bool = False
    webhook_endpoint: str | None = None

    @property
    def job(self) -> Job:
        """The first hint to submit it."""
        return submit_job(self.id, 0, 0)

    @property
    def sweep_after(self) -> int:
        """Milliseconds until the sweep takes the first job for lost."""
        return SUBMIT_STALE_MS

    @property
    def record(self) -> dict[str, str]:
        """The fields of the new record, but for what only the store knows."""
        fields = {
            "schema": str(SCHEMA),
            "id": self.id,
            "provider": self.provider,
            "status": Status.QUEUED.value,
            "title": self.title,
            "version": "1",
            "generation": "0",
            "accepted_model": ACTIVE.name,
            "messages": str(len(orjson.loads(self.conversation))),
            "input_cost": str(input_cost(len(self.conversation))),
            "read_at": "0",
        }
        key = self.idempotency_key
        others = {
            "parent_id": self.parent_id,
            "retry_of": self.retry_of,
            "owner": self.owner,
            "trace": self.trace,
            "idempotency": None if key is None else keys.idempotency(key, self.owner),
            "metadata": orjson.dumps(self.metadata).decode() if self.metadata else None,
            "has_instructions": "1" if self.has_instructions else None,
            "webhook_endpoint": self.webhook_endpoint,
        }
        return fields | {name: value for name, value in others.items() if value is not None}

    @property
    def parents(self) -> list[str]:
        """The ids of the tasks that this one continues or repeats."""
        return sorted({link for link in (self.parent_id, self.retry_of) if link is not None})

    @property
    def fingerprint(self) -> str:
        """The same for the same request: by it a reused idempotency key is told from a replay."""
        parts = [self.title, self.parent_id or "", self.retry_of or ""]
        if self.metadata:
            parts.append(orjson.dumps(self.metadata, option=orjson.OPT_SORT_KEYS).decode())
        if self.webhook_endpoint:
            parts.append(f"webhook_endpoint={self.webhook_endpoint}")
        text = "\0".join(parts)
        return sha256(text.encode() + b"\0" + self.conversation).hexdigest()


@dataclass(frozen=True, slots=True)
class InsertResult:
    """The task that stands for the request; ``replayed`` when it was there before."""

    task: Task
    replayed: bool
