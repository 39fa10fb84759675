"""Who calls, and which tasks that caller may see."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from shared.task import Task


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner of a request's tasks (None: nobody in particular), and whether it sees all."""

    owner: str | None
    admin: bool

    @property
    def sees(self) -> str | None:
        """Whose tasks it may list: None for everybody's."""
        return None if self.admin else self.owner

    def may_see(self, task: Task) -> bool:
        """Whether the task exists as far as this caller is told."""
        return self.admin or task.owner == self.owner


def _caller() -> Caller:
    return Caller(None, admin=True)


CallerDep = Annotated[Caller, Depends(_caller)]
