"""The bodies of the HTTP interface, as OpenAPI shows them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from services.api.conversation import Input, StrictModel
from shared.states import Pause, Status

TASK_ID = r"^task_[0-9a-f]{32}$"

EXAMPLE_INPUT: list[JsonValue] = [
    {"role": "developer", "content": [{"type": "input_text", "text": "You are a storyteller."}]},
    {"role": "user", "content": "Write a short offshoot to the lina trilogy."},
]


class NewTask(StrictModel):
    """A conversation to answer. The model and its parameters are fixed and are no fields here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"input": EXAMPLE_INPUT}, {"input": "Why is the sky blue?"}]
        },
    )

    input: Input = Field(description="A question, or a list of messages that ends with the user's.")
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = Field(
        default=None, description="By default the beginning of the last message."
    )
    parent_id: Annotated[str, StringConstraints(pattern=TASK_ID)] | None = Field(
        default=None, description="The task that this one continues. Its input is not added."
    )


class ErrorOut(BaseModel):
    """Why there is no answer, or not a whole one."""

    code: str
    message: str


class TaskSummary(BaseModel):
    """A task without its texts. Times are RFC 3339 in UTC."""

    id: str
    status: Status
    provider: str
    provider_status: str | None
    paused: Pause | None
    title: str
    created_at: str
    submitted_at: str | None
    completed_at: str | None = Field(description="When it ended, whichever way.")
    response_id: str | None
    client_request_id: str | None = Field(description="Sent to OpenAI as X-Client-Request-Id.")
    adopting: str | None = Field(description="A response that is being checked.")
    parent_id: str | None
    retry_of: str | None
    usage: dict[str, Any] | None
    cost_usd: float | None
    error: ErrorOut | None
    polls: int
    last_polled_at: str | None
    next_poll_at: str | None
    version: int


class CitationOut(BaseModel):
    """A source; the indexes count code points of ``output_text``."""

    url: str
    title: str
    start_index: int
    end_index: int


class TaskOut(TaskSummary):
    """A task whole."""

    input: list[dict[str, Any]]
    output_text: str | None
    citations: list[CitationOut]


class PageOut(BaseModel):
    """A page of tasks, newest first."""

    data: list[TaskSummary]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page.")


class FieldProblem(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | None = None


class GateOut(BaseModel):
    """Why no task is being submitted."""

    reason: Pause
    message: str
    since: str


class Ready(BaseModel):
    """Whether tasks are taken and worked on."""

    status: Literal["ready", "unavailable"]
    provider: str
    model: str
    pollers: int
    paused: GateOut | None
    detail: str


class Healthy(BaseModel):
    """The process answers."""

    status: Literal["ok"]
