"""Reads the input of ``backburner submit`` and sends it under one idempotency key."""

import re
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import typer

from backburner import exit_codes, output, strict_json
from backburner.attachments import Attachment, AttachmentError, attach, read_attachments
from backburner.client import BackburnerError, Client, Message, Task
from backburner.exit_codes import Exit
from backburner.settings import NOT_PRINTABLE, is_printable
from backburner.text_files import UnreadableText, read_text

MARKER = re.compile(r"^<!--[ \t]*backburner:", re.MULTILINE)
"""Begins each message of an exported conversation, which the server parses."""


class SubmitInput(NamedTuple):
    """What is sent: Markdown, an exported JSON object or a conversation; and the files in it."""

    body: str | dict[str, Any] | list[Message]
    attachments: Sequence[Attachment] = ()


def read_input(
    client: Client,
    source: str,
    *,
    files: Sequence[str],
    parent: str | None,
    developer: str | None,
) -> SubmitInput:
    """Read the question with its files, or the question that continues another task."""
    text = _read(source, "FILE")
    if not (text.strip() or files):
        raise typer.BadParameter("It has no text.", param_hint="FILE")
    if developer and developer.startswith("@"):
        developer = _read(developer[1:], "--developer")
    if not (files or parent or developer):
        return SubmitInput(_parse_object(text) if source.endswith(".json") else text)
    if source.endswith(".json") or MARKER.search(text):
        raise typer.BadParameter(
            "FILE is a whole conversation. Use --continue, --developer and --file with a question."
        )
    try:
        attachments = read_attachments(files)
    except AttachmentError as error:
        raise typer.BadParameter(str(error), param_hint="--file") from None
    question = attach(text, attachments) if files else text
    return SubmitInput(_conversation(client, parent, developer, question), attachments)


def send(
    client: Client, given: SubmitInput, *, title: str | None, parent: str | None, key: str | None
) -> Task:
    """Create the task.

    If no answer arrives, the key is printed: the same command with it makes no second task.
    """
    key = key or str(uuid.uuid4())
    if not is_printable(key):
        raise typer.BadParameter(NOT_PRINTABLE, param_hint="--key")
    try:
        if isinstance(given.body, list):
            return client.submit(given.body, title=title, parent_id=parent, idempotency_key=key)
        return client.submit_document(given.body, title=title, idempotency_key=key)
    except (BackburnerError, KeyboardInterrupt) as error:
        refused = isinstance(error, BackburnerError) and exit_codes.of_error(error)
        if refused in {False, Exit.UNAVAILABLE}:
            output.report(
                f"The task may exist. The same command with --key {key} makes no second one."
            )
        raise


def _conversation(
    client: Client, parent: str | None, developer: str | None, question: str
) -> list[Message]:
    messages = [Message(role="user", content=question)]
    if parent:
        task = client.get(parent)
        try:
            messages = task.follow_up_input(question)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--continue") from None
    if developer:
        messages.insert(-1, Message(role="developer", content=developer))
    return messages


def _read(source: str, name: str) -> str:
    try:
        return read_text(source)
    except UnreadableText as error:
        raise typer.BadParameter(str(error), param_hint=name) from None


def _parse_object(text: str) -> dict[str, Any]:
    try:
        document = strict_json.parse(text)
    except ValueError as error:
        raise typer.BadParameter(f"It {error}", param_hint="FILE") from None
    if not isinstance(document, dict):
        raise typer.BadParameter("It must hold a JSON object from `export`.", param_hint="FILE")
    return document
