"""The shape in which a client sends a conversation."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

TEXT, LIST = "<text>", "<list>"
"""Tags of the two spellings: pydantic adds them to error locations, field_errors drops what begins
with <."""

PART_TYPES = {"developer": "input_text", "user": "input_text", "assistant": "output_text"}
"""Of a message's parts, by its role."""

LONE_SURROGATE = "This is not Unicode text: it contains a lone surrogate (half a character)."

MAX_FIELDS = 100

# Validation stops at the first invalid item: to list all in 4 MiB would take a minute.
ITEMS = Field(max_length=1000, fail_fast=True)


def spelling(value: object) -> str | None:
    """The tag of a value that may be text or a list."""
    if isinstance(value, str):
        return TEXT
    return LIST if isinstance(value, list) else None


def _unicode(text: str) -> str:
    """JSON can escape a lone surrogate, which UTF-8 cannot encode."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(LONE_SURROGATE) from None
    return text


Text = Annotated[str, AfterValidator(_unicode)]


class StrictModel(BaseModel):
    """An object of a request; unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _bounded(cls, value: object) -> object:
        # Each unknown field is an error of its own: to list all in 4 MiB would take seconds.
        if isinstance(value, dict) and len(value) > MAX_FIELDS:
            raise ValueError(f"This object has more than {MAX_FIELDS} fields.")
        return value


class Part(StrictModel):
    """Part of a message, text only: ``input_text`` from you, ``output_text`` from the model."""

    type: Literal["input_text", "output_text"]
    text: Text


class Message(StrictModel):
    """One message. A string as content is short for one part of the type that fits the role."""

    role: Literal["developer", "user", "assistant"]
    content: Annotated[
        Annotated[Text, Tag(TEXT)] | Annotated[list[Part], ITEMS, Tag(LIST)],
        Discriminator(
            spelling,
            custom_error_type="content_kind",
            custom_error_message="Send a string or a list of parts.",
        ),
    ]
    type: Literal["message"] = "message"


Input = Annotated[
    Annotated[Text, Tag(TEXT)] | Annotated[list[Message], ITEMS, Tag(LIST)],
    Discriminator(
        spelling,
        custom_error_type="input_kind",
        custom_error_message="Send a string or a list of messages.",
    ),
]
