"""The body of POST /v1/responses: OpenAI's, as far as the fixed request leaves a choice."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Tag,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from services.api.schemas.conversation import (
    ITEMS,
    LIST,
    TEXT,
    StrictModel,
    Text,
    spelling,
)
from shared.openai.request import build

RESPONSE_ID = r"^resp_[0-9a-f]{32}$"

UNSUPPORTED = "This would change the answer, whose request is fixed: leave this field out."

_FIXED = {
    name: value
    for name, value in build([], "").items()
    if name not in ("input", "metadata", "background")
}


def _compact(value: JsonValue) -> JsonValue:
    """Without the members that say nothing: null and what is empty."""
    if isinstance(value, dict):
        members = ((name, _compact(member)) for name, member in value.items())
        return {name: member for name, member in members if member not in (None, {}, [])}
    return [_compact(item) for item in value] if isinstance(value, list) else value


def _same(given: JsonValue, expected: JsonValue) -> bool:
    # In Python, though not in JSON, true is 1.
    return given == expected and isinstance(given, bool) == isinstance(expected, bool)


def _says_nothing(value: JsonValue) -> bool:
    return value in (None, {}, [])


def _fixed(name: str) -> Any:  # noqa: ANN401 -- a default, as Field is
    """A parameter that equals ours or says nothing."""
    return Field(default=None, description="Fixed: leave it out.", examples=[_FIXED[name]])


def _neutral(*values: JsonValue) -> Any:  # noqa: ANN401 -- a default, as Field is
    """A parameter that has one of these values, which change nothing, or is null."""
    return Field(default=None, json_schema_extra={"enum": [*values, None]})


def _ignored() -> Any:  # noqa: ANN401 -- a default, as Field is
    return Field(default=None, description="Ignored.")


class TextPart(BaseModel):
    """A part of a message; what an earlier output says beside its text is ignored."""

    type: Literal["input_text", "output_text"]
    text: Text


class RefusalPart(BaseModel):
    """A part of an earlier answer that refuses to answer."""

    type: Literal["refusal"]
    refusal: Text


def _part_kind(part: object) -> str | None:
    kind = part.get("type") if isinstance(part, dict) else None
    return {"input_text": "<part>", "output_text": "<part>", "refusal": "<refusal>"}.get(str(kind))


InputPart = Annotated[
    Annotated[TextPart, Tag("<part>")] | Annotated[RefusalPart, Tag("<refusal>")],
    Discriminator(
        _part_kind,
        custom_error_type="part_kind",
        custom_error_message="Send text, as input_text or output_text: files and images are not"
        " supported.",
    ),
]


class InputMessage(BaseModel):
    """A message; of an earlier output's its text is taken."""

    role: Literal["developer", "system", "user", "assistant"]
    content: Annotated[
        Annotated[Text, Tag(TEXT)] | Annotated[list[InputPart], ITEMS, Tag(LIST)],
        Discriminator(
            spelling,
            custom_error_type="content_kind",
            custom_error_message="Send a string or a list of parts.",
        ),
    ]
    type: Literal["message"] = "message"


class OutputItem(BaseModel):
    """An item of an earlier output that has no text of the answer; it is left out."""

    type: Literal["reasoning", "web_search_call"]


def _item_kind(item: object) -> str | None:
    kind = item.get("type", "message") if isinstance(item, dict) else None
    known = {"message": "<message>", "reasoning": "<output>", "web_search_call": "<output>"}
    return known.get(str(kind))


InputItem = Annotated[
    Annotated[InputMessage, Tag("<message>")] | Annotated[OutputItem, Tag("<output>")],
    Discriminator(
        _item_kind,
        custom_error_type="item_kind",
        custom_error_message="Send messages, or items of an earlier output: message, reasoning and"
        " web_search_call.",
    ),
]

ResponseInput = Annotated[
    Annotated[Text, Tag(TEXT)] | Annotated[list[InputItem], ITEMS, Tag(LIST)],
    Discriminator(
        spelling,
        custom_error_type="input_kind",
        custom_error_message="Send a string or a list of messages.",
    ),
]

MetadataKey = Annotated[Text, Field(max_length=64)]
MetadataValue = Annotated[Text, Field(max_length=512)]


class ResponseCreate(StrictModel):
    """A conversation to answer, with OpenAI's parameters.

    The fixed request may be given or left out; other parameters only where they change nothing.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"model": _FIXED["model"], "input": "Why is the sky blue?", "background": True}
            ]
        },
    )

    input: ResponseInput = Field(
        description="A question, or a list of messages that ends with the user's."
    )
    instructions: Text | None = Field(
        default=None, description="Becomes the first message, with the role developer."
    )
    previous_response_id: str | None = Field(
        default=None, description="A response to continue: its conversation precedes `input`."
    )
    metadata: Annotated[dict[MetadataKey, MetadataValue], Field(max_length=16)] | None = Field(
        default=None, description="Kept, and returned with the response."
    )
    background: bool | None = Field(
        default=None, description="Answer at once; otherwise the reply comes when the task ends."
    )
    stream: bool | None = Field(
        default=None, description="Reply with server-sent events until the task ends."
    )

    model: JsonValue = _fixed("model")
    text: JsonValue = _fixed("text")
    reasoning: JsonValue = _fixed("reasoning")
    tools: JsonValue = _fixed("tools")

    temperature: JsonValue = _neutral(1)
    top_p: JsonValue = _neutral(1)
    top_logprobs: JsonValue = _neutral(0)
    truncation: JsonValue = _neutral("disabled")
    service_tier: JsonValue = _neutral("auto", "default")
    tool_choice: JsonValue = _neutral("auto")
    parallel_tool_calls: JsonValue = _neutral(True)
    max_output_tokens: JsonValue = _neutral()
    max_tool_calls: JsonValue = _neutral()
    conversation: JsonValue = _neutral()
    prompt: JsonValue = _neutral()
    context_management: JsonValue = _neutral()
    moderation: JsonValue = _neutral()

    include: JsonValue = _ignored()
    stream_options: JsonValue = _ignored()
    prompt_cache_key: JsonValue = _ignored()
    prompt_cache_options: JsonValue = _ignored()
    prompt_cache_retention: JsonValue = _ignored()
    safety_identifier: JsonValue = _ignored()
    user: JsonValue = _ignored()

    @field_validator(*_FIXED)
    @classmethod
    def _equals_ours(cls, given: JsonValue, info: ValidationInfo) -> JsonValue:
        value = _compact(given)
        if _says_nothing(value) or _same(value, _compact(_FIXED[str(info.field_name)])):
            return given
        raise PydanticCustomError("fixed_parameter", "the parameter is fixed")

    @field_validator("*")
    @classmethod
    def _changes_nothing(cls, given: JsonValue, info: ValidationInfo) -> JsonValue:
        extra = cls.model_fields[str(info.field_name)].json_schema_extra
        allowed = extra.get("enum") if isinstance(extra, dict) else None
        if isinstance(allowed, list) and not any(_same(given, value) for value in allowed):
            raise PydanticCustomError("unsupported_value", UNSUPPORTED)
        return given


class ResponseOut(BaseModel):
    """OpenAI's response object; without it, the same fields as far as they are known."""

    model_config = ConfigDict(extra="allow")

    id: Annotated[str, Field(pattern=RESPONSE_ID)]
    object: Literal["response"]
    status: Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]
    created_at: float
    model: str
    output: list[dict[str, Any]]
    error: dict[str, Any] | None
    metadata: dict[str, str]
    backburner: dict[str, Any] = Field(description="`task_id`, and `status` as in /v1/tasks.")


class ResponseDeleted(BaseModel):
    """Whether a response was deleted, or is being deleted."""

    id: str
    object: Literal["response"]
    deleted: bool


class InputItemsOut(BaseModel):
    """A page of a response's input."""

    object: Literal["list"]
    data: list[dict[str, Any]]
    first_id: str | None
    last_id: str | None
    has_more: bool


class ModelOut(BaseModel):
    """A model, as OpenAI lists it."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    shutdown_date: str | None


class ModelsOut(BaseModel):
    """The only model."""

    object: Literal["list"]
    data: list[ModelOut]
