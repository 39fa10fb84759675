"""The rules of a conversation, and the one form in which it is stored and sent to OpenAI."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from services.api.schemas.conversation import PART_TYPES, Message

Messages = list[dict[str, Any]]

TITLE_LENGTH = 80
"""Characters of a title that is made from the question."""

MAX_TITLE_SOURCE = 1_000
"""Characters of a part from which its share of the title is made."""


def normalise(conversation: str | list[Message]) -> Messages:
    """The conversation as messages with parts; a string is one message of the user."""
    if isinstance(conversation, str):
        return [_text_message("user", conversation)]
    return [_normalise_message(message) for message in conversation]


def conversation_errors(messages: Messages) -> Iterator[tuple[str, str]]:
    """What keeps the model from answering it: (field, message), in reading order."""
    if not messages:
        yield "input", "The conversation is empty. Send at least one user message."
        return
    for number, message in enumerate(messages):
        field = f"input[{number}].content"
        if not any(part["text"].strip() for part in message["content"]):
            yield field, "This message has no text."
        expected = PART_TYPES[message["role"]]
        for index, part in enumerate(message["content"]):
            if part["type"] != expected:
                yield (
                    f"{field}[{index}].type",
                    f"Parts of a message with the role {message['role']} have the type {expected}.",
                )
    last = messages[-1]["role"]
    if last != "user":
        yield (
            f"input[{len(messages) - 1}].role",
            f"The last message is the one to answer: its role must be user, not {last}.",
        )


def default_title(messages: Messages) -> str:
    """The beginning of the last message, on one line."""
    # Not the whole text: to split 4 MiB into words takes 40 ms.
    parts = (part["text"].lstrip()[:MAX_TITLE_SOURCE] for part in messages[-1]["content"])
    beginning = " ".join(islice(filter(None, parts), TITLE_LENGTH))
    text = " ".join(beginning.split())
    return text if len(text) <= TITLE_LENGTH else f"{text[: TITLE_LENGTH - 1].rstrip()}…"


def _normalise_message(message: Message) -> dict[str, Any]:
    if isinstance(message.content, str):
        return _text_message(message.role, message.content)
    # Not model_dump, which takes ten times as long.
    parts = [{"type": part.type, "text": part.text} for part in message.content]
    return {"role": message.role, "content": parts}


def _text_message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"type": PART_TYPES[role], "text": text}]}
