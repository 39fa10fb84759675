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
class Caller:
    """The owner of a request's tasks (None: nobody in particular), and whether it sees all."""

    owner: str | None
    admin: bool

    @property
    def sees(self) -> str | None:
        """Whose tasks it may list: None for everybody's."""
        return None if self.admin else self.owner

    def may_see(self, what: Task | Event | Tombstone) -> bool:
        """Whether a task, its news or its receipt exists as far as this caller is told."""
        return self.admin or what.owner == self.owner


_Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(HTTPBearer(auto_error=False, description="A token, where the installation has any.")),
]


# These are coroutines because FastAPI runs any other function in a thread of its own.
async def _anybody(request: Request, _: _Bearer) -> Caller | None:
    caller: Caller | None = getattr(request.state, "caller", None)
    return caller


async def _caller(caller: Annotated[Caller | None, Depends(_anybody)]) -> Caller:
    if caller is None:
        raise Unauthenticated
    return caller


async def _admin(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    if not caller.admin:
        raise AdminRequired
    return caller


AnybodyDep = Annotated[Caller | None, Depends(_anybody)]
CallerDep = Annotated[Caller, Depends(_caller)]
AdminDep = Annotated[Caller, Depends(_admin)]
