"""Tells a client whose token it sends."""

from hashlib import sha256

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.api.auth.principal import PrincipalDep
from services.api.problems.openapi import problem_responses

router = APIRouter(prefix="/v1/me", tags=["me"])

ID_DIGITS = 16


class MeOut(BaseModel):
    """The owner of the tasks that this token creates."""

    id: str | None = Field(
        description="Under which a browser keeps what belongs to this owner: the same for every"
        " token of the name. null: the server needs no token."
    )
    name: str | None = Field(description="The name of the token. null: the server needs none.")
    admin: bool = Field(description="Sees the tasks of all owners.")


@router.get("", responses=problem_responses())
async def read_me(principal: PrincipalDep) -> MeOut:
    """Show the owner of the token that was sent."""
    name = principal.owner
    return MeOut(id=None if name is None else _id(name), name=name, admin=principal.admin)


def _id(name: str) -> str:
    return sha256(f"backburner:owner:{name}".encode()).hexdigest()[:ID_DIGITS]
