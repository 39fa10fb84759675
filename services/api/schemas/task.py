"""The bodies of the HTTP interface, as OpenAPI shows them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from services.api.schemas.conversation import Input, StrictModel
from shared.domain.states import PauseReason, Status
from shared.domain.tombstone import DeletionOutcome

TASK_ID = r"^task_[0-9a-f]{32}$"

EXAMPLE_INPUT: list[JsonValue] = [
    {"role": "developer", "content": [{"type": "input_text", "text": "You are a storyteller."}]},
    {"role": "user", "content": "Write a short offshoot to the lina trilogy."},
]


Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
ParentId = Annotated[str, StringConstraints(pattern=TASK_ID)]


class TaskCreate(StrictModel):
    """A conversation to answer. The model and its parameters are fixed and are no fields here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"input": EXAMPLE_INPUT}, {"input": "Why is the sky blue?"}]
        },
    )

    input: Input = Field(description="A question, or a list of messages that ends with the user's.")
    title: Title | None = Field(
        default=None, description="By default the beginning of the last message."
    )
    parent_id: ParentId | None = Field(
        default=None, description="The task that this one continues. Its input is not added."
    )
    export: dict[str, Any] | None = Field(
        default=None,
        description="What an export says of the first one; it is not read. With it, a `parent_id`"
        " that is not known here is left out: the export may come from elsewhere.",
    )


class ErrorOut(BaseModel):
    """Why there is no answer, or not a whole one."""

    code: str
    message: str


class ReceiptOut(BaseModel):
    """What our own end of a task came to at the provider."""

    sent: Literal["no", "yes", "unknown"] = Field(description="Whether the provider had it.")
    stop: Literal["not_needed", "pending", "done", "not_done"] = Field(
        description="Whether the provider has been told to stop; `not_done`: it could not be."
    )
    provider_status: str | None
    cost_usd: float | None = Field(description="null while, or where, it is not known.")
    settled: bool = Field(description="Nothing more is being found out about it.")
    message: str = Field(description="The same for people.")


class DeletionOut(BaseModel):
    """A deletion that is under way."""

    requested_at: str
    attempts: int = Field(description="Tried in vain so far; it is tried on, every ten minutes.")
    problem: str | None = Field(description="What was in the way the last time.")


class ProviderDeletion(BaseModel):
    """What became of a deleted task at the provider."""

    response_id: str | None
    outcome: DeletionOutcome
    message: str


class DeletionReceipt(BaseModel):
    """The receipt of a deletion, kept for 30 days."""

    id: str
    deleted_at: str
    requested_at: str
    provider: ProviderDeletion
    here: str = Field(description="What is left of it here.")


class TaskSummary(BaseModel):
    """A task without its texts. Times are RFC 3339 in UTC."""

    id: str
    status: Status
    provider: str
    provider_status: str | None
    paused: PauseReason | None
    title: str
    created_at: str
    submitted_at: str | None
    completed_at: str | None = Field(description="When it ended, whichever way.")
    response_id: str | None
    client_request_id: str | None = Field(description="Sent to OpenAI as X-Client-Request-Id.")
    adopting: str | None = Field(description="A response that is being checked.")
    adoption_refused: str | None = Field(description="Why the last one checked is not this task's.")
    parent_id: str | None
    retry_of: str | None
    usage: dict[str, Any] | None
    cost_usd: float | None
    estimated_cost_usd: float | None = Field(
        description="What the budget counts for it while it may have cost something and nobody"
        " knows what: the amount that was reserved. Its cost replaces it."
    )
    error: ErrorOut | None
    receipt: ReceiptOut | None = Field(description="Set where we ended it, not the provider.")
    deletion: DeletionOut | None = Field(description="Set while it is being deleted.")
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
    searches: int | None = Field(description="How many web searches the model made.")


class TaskPage(BaseModel):
    """A page of tasks, newest first."""

    data: list[TaskSummary]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page.")


class ThreadOut(BaseModel):
    """All tasks that are tied together by continuing or repeating one another."""

    root: str = Field(description="The one that continues and repeats none of them.")
    data: list[TaskSummary] = Field(description="Oldest first.")
    truncated: bool = Field(description="There are more than the 1,000 nearest to the one named.")


class ExportOut(BaseModel):
    """A task that can be handed in again as it is."""

    title: str
    parent_id: str | None
    input: list[dict[str, Any]]
    export: dict[str, Any] = Field(description="`format`, and all other fields of the task.")


class ThreadExportOut(BaseModel):
    """The tasks of a thread, each of which can be handed in again."""

    root: str
    tasks: list[ExportOut] = Field(description="Oldest first.")
    truncated: bool


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
    receipt: DeletionReceipt | None = None


class PauseOut(BaseModel):
    """Why no task is being submitted."""

    reason: PauseReason
    message: str
    since: str


class IssueOut(BaseModel):
    """One thing that is wrong; docs/operations.md says what to do."""

    kind: str
    message: str


class Readiness(BaseModel):
    """Whether tasks are taken and worked on."""

    status: Literal["ready", "unavailable"]
    provider: str
    model: str
    pollers: int | None
    paused: PauseOut | None
    troubles: list[IssueOut] = Field(description="Everything that is wrong; the cause first.")
    detail: str = Field(description="The same in a sentence or a few.")


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["ok"]
