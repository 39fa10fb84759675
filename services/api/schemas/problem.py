"""The problem document of RFC 9457, which every error is answered with."""

from pydantic import BaseModel

from services.api.schemas.deletion import DeletionReceipt


class FieldProblem(BaseModel):
    """One invalid field of the request, and what to send instead."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | None = None
    receipt: DeletionReceipt | None = None
