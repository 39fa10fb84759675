"""Tasks as they are submitted, listed, read and exported."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
)

from services.api.schemas.conversation import Input, StrictModel
from services.api.schemas.deletion import DeletionOut
from services.api.schemas.webhook_endpoint import ENDPOINT_ID
from shared.domain.states import PauseReason, Status
from shared.openai.answer import AnswerKind
from shared.openai.response import MAX_ID_CHARS, is_response_id

TASK_ID = r"^task_[0-9a-f]{32}$"

EXAMPLE_INPUT: list[JsonValue] = [
    {"role": "developer", "content": [{"type": "input_text", "text": "You are a storyteller."}]},
    {"role": "user", "content": "Write a short offshoot to the lina trilogy."},
]


Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


def _response_id(value: str) -> str:
    if not is_response_id(value):
        raise ValueError(
            "Send the id of a response, such as resp_0389930dd33170b8:"
            f" up to {MAX_ID_CHARS} printable characters without blanks and slashes."
        )
    return value


ResponseId = Annotated[
    str,
    AfterValidator(_response_id),
    WithJsonSchema({"type": "string", "maxLength": MAX_ID_CHARS, "pattern": r"^[^\s/]+$"}),
]
ParentId = Annotated[str, StringConstraints(pattern=TASK_ID)]
EndpointId = Annotated[str, StringConstraints(pattern=ENDPOINT_ID)]


class TaskCreate(StrictModel):
    """A conversation to answer. Model and parameters are fixed, so they are not fields here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"input": EXAMPLE_INPUT}, {"input": "Why is the sky blue?"}]
        },
    )

    input: Input = Field(
        description="A question, or a list of messages; the last one is the user's."
    )
    title: Title | None = Field(
        default=None, description="Default: the beginning of the last message."
    )
    parent_id: ParentId | None = Field(
        default=None, description="The task that this one follows up. Its input is not added."
    )
    webhook_endpoint: EndpointId | None = Field(
        default=None,
        description="An endpoint of yours that gets the events of this task, even if its `tasks` is"
        " `named`.",
    )
    export: dict[str, Any] | None = Field(
        default=None,
        description="The `export` of an exported task; its contents are ignored. With it, an"
        " unknown `parent_id` is ignored, too: the export may come from another server.",
    )


class TaskUpdate(StrictModel):
    """What an owner notes on a task. A field that is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Lina", "pinned": True}]})

    title: Annotated[Title, StringConstraints(min_length=1)] | None = None
    pinned: StrictBool | None = None
    archived: StrictBool | None = None
    read: StrictBool | None = Field(default=None, description="false: mark it as unread.")


class ErrorOut(BaseModel):
    """Why there is no answer, or an incomplete one."""

    code: str
    message: str


class ReceiptOut(BaseModel):
    """What happened at the provider to a task that Backburner ended."""

    sent: Literal["no", "yes", "unknown"] = Field(
        description="Whether the provider received the task."
    )
    cancellation: Literal["not_needed", "pending", "done", "not_done"] = Field(
        description="Whether the provider was asked to cancel it; `not_done`: that failed."
    )
    provider_status: str | None
    cost_usd: float | None = Field(description="null while unknown.")
    settled: bool = Field(description="Final: Backburner no longer checks the provider.")
    message: str = Field(description="The same as a sentence.")


class WaitingOut(BaseModel):
    """Why the provider brings a task no further, and when it is tried again."""

    code: str = Field(
        description="One word: the provider's code, its HTTP status, or what came instead of an"
        " answer, such as `connect_failed`, `no_reply` or `unreadable`."
    )
    message: str = Field(description="A sentence with the provider's own words.")
    attempts: int = Field(
        description="Submissions of the task, or polls in a row, without success."
    )
    next_attempt_at: str | None


class TaskSummary(BaseModel):
    """A task without its texts. Times are RFC 3339 in UTC."""

    id: str
    status: Status
    provider: str
    provider_status: str | None
    paused: PauseReason | None
    waiting: WaitingOut | None = Field(
        description="Set while the provider refuses the task, or while its polls get no usable"
        " answer."
    )
    title: str
    created_at: str
    submitted_at: str | None
    completed_at: str | None = Field(description="When it ended, with any status.")
    response_id: str | None
    client_request_id: str | None = Field(description="Sent to OpenAI as X-Client-Request-Id.")
    adopting: str | None = Field(description="A response that a poller is checking.")
    adoption_refused: str | None = Field(
        description="Why the last response checked does not belong to this task."
    )
    parent_id: str | None
    retry_of: str | None
    answer_kind: AnswerKind | None = Field(
        description="`empty`: the model ended without text. null while there is no answer, and for"
        " answers from before this field."
    )
    model: str | None = Field(
        description="The model that answered, in the response's own word; null until then."
    )
    model_note: str | None = Field(
        description="What is unusual about the model: it was changed while the task waited, another"
        " one answered, or the reasoning mode that was asked for is not confirmed."
    )
    usage: dict[str, Any] | None
    cost_usd: float | None
    estimated_cost_usd: float | None = Field(
        description="What the budget counts for it while it may have cost something and nobody"
        " knows what: the amount that was reserved. Its cost replaces it."
    )
    error: ErrorOut | None
    receipt: ReceiptOut | None = Field(
        description="Set if Backburner ended the task, not the provider."
    )
    deletion: DeletionOut | None = Field(description="Set while the task is being deleted.")
    polls: int
    last_polled_at: str | None
    next_poll_at: str | None
    pinned: bool
    archived: bool
    unread: bool = Field(description="It has ended, and its owner has not opened it since.")
    version: int


class CitationOut(BaseModel):
    """A source. Indexes count code points of ``output_text``; null: it has no place there."""

    url: str
    title: str
    start_index: int | None
    end_index: int | None


class TaskOut(TaskSummary):
    """A task with its texts."""

    input: list[dict[str, Any]]
    output_text: str | None
    citations: list[CitationOut]
    searches: int | None = Field(description="How many web searches the model made.")


class SnippetPart(BaseModel):
    """A piece of a snippet: plain text, never HTML."""

    text: str
    match: bool = Field(description="Whether the query matched it.")


class SnippetOut(BaseModel):
    """Why a task was found: a piece of its prompt or answer."""

    field: Literal["prompt", "answer"]
    parts: list[SnippetPart]


class TaskPage(BaseModel):
    """A page of tasks, newest first or as `sort` says."""

    data: list[TaskSummary]
    next_cursor: str | None = Field(description="`cursor` of the next page.")
    total: int | None = Field(
        default=None,
        description="With `total=true`: how many tasks match on all pages, archived ones too. A"
        " search counts up to 1,001, which stands for more than 1,000.",
    )
    compared: int | None = Field(
        default=None,
        description="With another `sort` than `newest`: how many of the newest matching tasks were"
        " compared. Older ones were not.",
    )
    snippets: dict[str, SnippetOut] | None = Field(
        default=None,
        description="With `snippets=true`, by task id. A task has none when only its title"
        " matches, or a place beyond the first 8,192 characters of prompt and answer.",
    )


class ThreadTask(TaskSummary):
    """A task of a thread."""

    messages: int | None = Field(
        description="Messages of its input. No more than its parent's: it is a branch beside it,"
        " not a continuation. null for tasks of earlier versions."
    )


class ThreadOut(BaseModel):
    """The tasks connected by follow-ups and retries."""

    root: str = Field(description="The task that follows up and retries no other.")
    data: list[ThreadTask] = Field(description="Oldest first.")
    truncated: bool = Field(description="Only the 1,000 nearest tasks are listed.")


class ExportOut(BaseModel):
    """A task that POST /v1/tasks accepts unchanged."""

    title: str
    parent_id: str | None
    input: list[dict[str, Any]]
    export: dict[str, Any] = Field(description="`format`, and all other fields of the task.")


class ThreadExportOut(BaseModel):
    """The tasks of a thread, each of which POST /v1/tasks accepts unchanged."""

    root: str
    tasks: list[ExportOut] = Field(description="Oldest first.")
    truncated: bool
