"""Who calls, and which tasks that caller may see."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.api.problems.errors import AdminRequired, Unauthenticated
from shared.domain.task import Task
from shared.domain.tombstone import Tombstone
from shared.store import Event


@dataclass(frozen=True, slots=True)
class Principal:
    """The owner of a request's tasks (None: nobody in particular), and whether it sees all."""

    owner: str | None
    admin: bool

    @property
    def visible_owner(self) -> str | None:
        """Whose tasks it may list: None for everybody's."""
        return None if self.admin else self.owner

    def can_view(self, what: Task | Event | Tombstone) -> bool:
        """Whether a task, its news or its receipt exists as far as this caller is told."""
        return self.admin or what.owner == self.owner


_Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(HTTPBearer(auto_error=False, description="A token, where the installation has any.")),
]


# These are coroutines because FastAPI runs any other function in a thread of its own.
async def _anybody(request: Request, _: _Bearer) -> Principal | None:
    principal: Principal | None = getattr(request.state, "principal", None)
    return principal


async def _caller(principal: Annotated[Principal | None, Depends(_anybody)]) -> Principal:
    if principal is None:
        raise Unauthenticated
    return principal


async def _admin(principal: Annotated[Principal, Depends(_caller)]) -> Principal:
    if not principal.admin:
        raise AdminRequired
    return principal


OptionalPrincipalDep = Annotated[Principal | None, Depends(_anybody)]
PrincipalDep = Annotated[Principal, Depends(_caller)]
AdminDep = Annotated[Principal, Depends(_admin)]
