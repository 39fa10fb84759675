"""Turns the input of a response into a conversation, and a conversation into input items."""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from services.api.http.limits import MAX_BODY_BYTES
from services.api.problems.errors import InvalidRequest
from services.api.schemas.conversation import PART_TYPES
from services.api.schemas.responses import (
    InputMessage,
    OutputItem,
    RefusalPart,
    ResponseCreate,
    TextPart,
)
from services.api.tasks.conversation import Messages, conversation_errors
from shared.openai.response import Response
from shared.store import TaskWithTexts


def conversation(new: ResponseCreate, previous: TaskWithTexts | None) -> Messages:
    """The messages to send: the instructions, the previous conversation and its answer, the input.

    As with OpenAI, the instructions of the previous response do not count. Raises InvalidRequest.
    """
    numbered = list(_messages(new.input))
    messages = [message for _, message in numbered]
    if errors := list(_errors(messages, [number for number, _ in numbered])):
        raise InvalidRequest(errors)
    if previous is not None:
        messages = [*_continued(previous), *messages]
        if len(orjson.dumps(messages)) > MAX_BODY_BYTES:
            limit = f"{MAX_BODY_BYTES // 2**20} MiB"
            message = f"The conversation exceeds {limit}. Start a new one with a summary of this."
            raise InvalidRequest([("previous_response_id", message)])
    if has_instructions(new):
        messages.insert(0, _message("developer", new.instructions or ""))
    return messages


def has_instructions(new: ResponseCreate) -> bool:
    """Whether its instructions say anything."""
    return bool(new.instructions and new.instructions.strip())


def input_items(task_id: str, messages: Messages) -> list[dict[str, Any]]:
    """The conversation as OpenAI lists the input of a response, in its order."""
    digits = task_id.removeprefix("task_")
    return [
        {
            "id": f"msg_{digits}{number:04x}",
            "type": "message",
            "role": message["role"],
            "status": "completed",
            "content": [
                part | ({"annotations": []} if part["type"] == "output_text" else {})
                for part in message["content"]
            ],
        }
        for number, message in enumerate(messages)
    ]


def _messages(given: str | list[InputMessage | OutputItem]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The messages, each with its index in the input."""
    if isinstance(given, str):
        yield 0, _message("user", given)
        return
    for number, item in enumerate(given):
        if isinstance(item, OutputItem):
            continue
        role = "developer" if item.role == "system" else item.role
        if isinstance(item.content, str):
            yield number, _message(role, item.content)
        else:
            yield number, {"role": role, "content": [_part(part) for part in item.content]}


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"type": PART_TYPES[role], "text": text}]}


def _part(part: TextPart | RefusalPart) -> dict[str, Any]:
    if isinstance(part, RefusalPart):
        return {"type": "output_text", "text": part.refusal}
    return {"type": part.type, "text": part.text}


def _errors(messages: Messages, numbers: list[int]) -> Iterator[tuple[str, str]]:
    """What is wrong with the messages, by their index in the input."""

    def renumber(found: re.Match[str]) -> str:
        return f"input[{numbers[int(found[1])]}]"

    for field, message in conversation_errors(messages):
        yield re.sub(r"^input\[(\d+)\]", renumber, field), message


def _continued(previous: TaskWithTexts) -> Messages:
    messages: Messages = orjson.loads(previous.conversation)
    response = Response.parse(previous.response) if previous.response else None
    text = response.output_text if response else ""
    if not text.strip():
        message = "This response has no answer to continue: it has not ended, or ended without one."
        raise InvalidRequest([("previous_response_id", message)])
    return [*messages[previous.task.has_instructions :], _message("assistant", text)]
