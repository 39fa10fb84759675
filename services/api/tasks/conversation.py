"""The conversation a client hands in: its shape, its rules, and the one form it is stored in."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

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
"""Tags of the two spellings; they appear in pydantic's error locations and are taken out there."""

PART_TYPES = {"developer": "input_text", "user": "input_text", "assistant": "output_text"}


HALF_A_CHARACTER = "This is not Unicode text: it holds half a character."

MAX_FIELDS = 100

_MANY = Field(max_length=1000, fail_fast=True)
"""Stops at the first item that is wrong: 4 MiB of wrong ones would take a minute to list."""


def _spelling(value: object) -> str | None:
    if isinstance(value, str):
        return TEXT
    return LIST if isinstance(value, list) else None


def _unicode(text: str) -> str:
    """JSON can spell half a character (a lone surrogate), which no UTF-8 can carry on."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(HALF_A_CHARACTER) from None
    return text


Text = Annotated[str, AfterValidator(_unicode)]


class StrictModel(BaseModel):
    """An object of a request; a field that it does not know is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _bounded(cls, value: object) -> object:
        # Each unknown field is an error of its own: 4 MiB of them would take seconds to list.
        if isinstance(value, dict) and len(value) > MAX_FIELDS:
            raise ValueError(f"This object has more than {MAX_FIELDS} fields.")
        return value


class Part(StrictModel):
    """A piece of a message. Only text: ``input_text`` from you, ``output_text`` from the model."""

    type: Literal["input_text", "output_text"]
    text: Text


class Message(StrictModel):
    """One turn. A plain string stands for one part of the kind that fits the role."""

    role: Literal["developer", "user", "assistant"]
    content: Annotated[
        Annotated[Text, Tag(TEXT)] | Annotated[list[Part], _MANY, Tag(LIST)],
        Discriminator(
            _spelling,
            custom_error_type="content_kind",
            custom_error_message="Give a string, or a list of parts.",
        ),
    ]
    type: Literal["message"] = "message"

    def normalised(self) -> dict[str, Any]:
        """The message as it is stored and sent."""
        if isinstance(self.content, str):
            return _said(self.role, self.content)
        return {"role": self.role, "content": [part.model_dump() for part in self.content]}


Input = Annotated[
    Annotated[Text, Tag(TEXT)] | Annotated[list[Message], _MANY, Tag(LIST)],
    Discriminator(
        _spelling,
        custom_error_type="input_kind",
        custom_error_message="Give a string, or a list of messages.",
    ),
]


def normalise(value: str | list[Message]) -> list[dict[str, Any]]:
    """The conversation as a list of messages with parts; a plain string is one user message."""
    if isinstance(value, str):
        return [_said("user", value)]
    return [message.normalised() for message in value]


def _said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"type": PART_TYPES[role], "text": text}]}


def complaints(messages: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """What keeps the conversation from being answered: (field, what to do), in reading order."""
    if not messages:
        yield "input", "The conversation is empty: give at least one user message."
        return
    for number, message in enumerate(messages):
        where = f"input[{number}].content"
        if not any(part["text"].strip() for part in message["content"]):
            yield where, "This message has no text."
        wanted = PART_TYPES[message["role"]]
        for index, part in enumerate(message["content"]):
            if part["type"] != wanted:
                yield (
                    f"{where}[{index}].type",
                    f"A part of a message from the {message['role']} has the type {wanted}.",
                )
    last = messages[-1]["role"]
    if last != "user":
        yield (
            f"input[{len(messages) - 1}].role",
            f"The last message is the one to answer and must be the user's, not the {last}'s.",
        )


def default_title(messages: list[dict[str, Any]]) -> str:
    """The beginning of the question, on one line."""
    text = " ".join(" ".join(part["text"] for part in messages[-1]["content"]).split())
    return text if len(text) <= TITLE_LENGTH else f"{text[: TITLE_LENGTH - 1].rstrip()}…"


TITLE_LENGTH = 80
