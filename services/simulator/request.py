"""The request body of POST /v1/responses, reduced to what the simulated models accept."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
)

from services.simulator.models import SimulatedModel, find_model


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class InputText(_Strict):
    """A part of a user's or developer's message."""

    type: Literal["input_text"]
    text: str


class OutputText(_Strict):
    """A part of an earlier answer."""

    type: Literal["output_text"]
    text: str
    annotations: list[dict[str, Any]] = []
    logprobs: list[dict[str, Any]] = []


def _as_parts(kind: str) -> BeforeValidator:
    return BeforeValidator(lambda value: _text_part(kind, value))


def _text_part(kind: str, value: object) -> object:
    return [{"type": kind, "text": value}] if isinstance(value, str) else value


class AskedMessage(_Strict):
    """A message to the model."""

    # Assistant messages are AnsweredMessage; "assistant" is listed here for the error text.
    role: Literal["assistant", "system", "developer", "user"]
    content: Annotated[list[InputText], _as_parts("input_text")]
    type: Literal["message"] = "message"


class AnsweredMessage(_Strict):
    """An earlier answer of the model."""

    role: Literal["assistant"]
    content: Annotated[list[OutputText], _as_parts("output_text")]
    type: Literal["message"] = "message"


def _side(message: object) -> str:
    role = message.get("role") if isinstance(message, dict) else None
    return "answered" if role == "assistant" else "asked"


TAGS = frozenset({"asked", "answered"})
Message = Annotated[
    Annotated[AskedMessage, Tag("asked")] | Annotated[AnsweredMessage, Tag("answered")],
    Discriminator(_side),
]


def _one_message(value: object) -> object:
    return [{"role": "user", "content": value}] if isinstance(value, str) else value


class TextFormat(_Strict):
    """The only simulated format is plain text."""

    type: Literal["text"] = "text"


class Text(_Strict):
    """The text settings. This model has no verbosity."""

    format: TextFormat = TextFormat()


Summary = Literal["auto", "concise", "detailed"]


class Reasoning(_Strict):
    """The reasoning settings; which efforts and modes there are is the model's affair."""

    effort: str | None = None
    mode: str | None = None
    generate_summary: Summary | None = None
    summary: Summary | None = None


class UserLocation(_Strict):
    """The approximate location for a web search."""

    type: Literal["approximate"] = "approximate"
    city: str | None = None
    country: str | None = None
    region: str | None = None
    timezone: str | None = None


class WebSearch(_Strict):
    """The only simulated tool."""

    type: Literal["web_search", "web_search_2025_08_26"]
    filters: dict[str, list[str] | None] | None = None
    search_context_size: Literal["low", "medium", "high"] = "medium"
    user_location: UserLocation | None = None


MetadataKey = Annotated[str, Field(max_length=64)]
MetadataValue = Annotated[str, Field(max_length=512)]


def _known_model(name: object) -> SimulatedModel:
    model = find_model(name) if isinstance(name, str) else None
    if model is None:
        raise ValueError("unknown model")
    return model


class CreateRequest(_Strict):
    """A body of POST /v1/responses, with defaults and with every content as a list of parts."""

    model: Annotated[SimulatedModel, PlainValidator(_known_model)]
    input: Annotated[list[Message], BeforeValidator(_one_message), Field(min_length=1)]
    background: Literal[True]
    instructions: str | None = None
    metadata: Annotated[dict[MetadataKey, MetadataValue], Field(max_length=16)] | None = None
    reasoning: Reasoning | None = None
    text: Text | None = None
    tools: list[WebSearch] | None = None

    @property
    def prompt(self) -> str:
        """The text of the last user message."""
        asked = [message for message in self.input if message.role == "user"]
        return "\n".join(part.text for part in asked[-1].content) if asked else ""

    @property
    def characters(self) -> int:
        """The length of the conversation."""
        return sum(len(part.text) for message in self.input for part in message.content)
