"""Who sends a request, and which tasks they may see."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.api.auth.concurrency_limit import Slot
from services.api.problems.errors import AdminRequired, Unauthenticated
from shared.domain.task import Task
from shared.domain.tombstone import Tombstone
from shared.store import Event


@dataclass(frozen=True, slots=True)
class Principal:
    """The owner of tasks that this request creates (None without tokens), and its rights."""

    owner: str | None
    admin: bool
    slot: Slot = field(default_factory=Slot, compare=False)
    """Held while the request is served, but for what only waits."""

    @property
    def visible_owner(self) -> str | None:
        """The only owner whose tasks it may see; None for all."""
        return None if self.admin else self.owner

    def can_view(self, what: Task | Event | Tombstone) -> bool:
        """Whether it may see a task, its events or its deletion receipt."""
        return self.admin or what.owner == self.owner


_Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(HTTPBearer(auto_error=False, description="Required if the server has a tokens file.")),
]


# Coroutines, because FastAPI runs other functions in a thread.
async def _optional(request: Request, _: _Bearer) -> Principal | None:
    principal: Principal | None = getattr(request.state, "principal", None)
    return principal


async def _required(principal: Annotated[Principal | None, Depends(_optional)]) -> Principal:
    if principal is None:
        raise Unauthenticated
    return principal


async def _admin(principal: Annotated[Principal, Depends(_required)]) -> Principal:
    if not principal.admin:
        raise AdminRequired
    return principal


OptionalPrincipalDep = Annotated[Principal | None, Depends(_optional)]
PrincipalDep = Annotated[Principal, Depends(_required)]
AdminDep = Annotated[Principal, Depends(_admin)]
