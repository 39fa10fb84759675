"""The problem document of RFC 9457, which every error is answered with."""

from pydantic import BaseModel

from services.api.schemas.deletion import DeletionReceipt


class FieldProblem(BaseModel):
    """One invalid field of the request, and what to send instead."""

    field: str
    message: str


class OpenAIError(BaseModel):
    """The problem in OpenAI's form, which its SDKs read."""

    message: str
    type: str
    param: str | None = None
    code: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    error: OpenAIError
    errors: list[FieldProblem] | None = None
    receipt: DeletionReceipt | None = None
