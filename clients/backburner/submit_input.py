"""Reads the input of ``backburner submit`` and sends it under one idempotency key."""

import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

import typer

from backburner import exit_codes, output
from backburner.client import BackburnerError, Client, Message, Task
from backburner.exit_codes import Exit

MARKER = re.compile(r"^<!--[ \t]*backburner:", re.MULTILINE)
"""Begins each message of an exported conversation, which the server parses."""


def submit_from_input(
    client: Client,
    source: str,
    *,
    title: str | None,
    parent: str | None,
    developer: str | None,
    key: str | None,
) -> Task:
    """Create a task from a file, or from a question that continues another task.

    If no answer arrives, the key is printed: the same command with it makes no second task.
    """
    text = _read_text(source, "FILE")
    if developer and developer.startswith("@"):
        developer = _read_text(developer[1:], "--developer")
    conversation = None
    if parent or developer:
        if source.endswith(".json") or MARKER.search(text):
            raise typer.BadParameter(
                "FILE is a whole conversation. Use --continue and --developer with a question."
            )
        conversation = _conversation(client, parent, developer, text)
    key = key or str(uuid.uuid4())
    try:
        if conversation:
            return client.submit(conversation, title=title, parent_id=parent, idempotency_key=key)
        document = _parse_object(text) if source.endswith(".json") else text
        return client.submit_document(document, title=title, idempotency_key=key)
    except (BackburnerError, KeyboardInterrupt) as error:
        refused = isinstance(error, BackburnerError) and exit_codes.of_error(error)
        if refused in {False, Exit.UNAVAILABLE}:
            output.report(
                f"The task may exist. The same command with --key {key} makes no second one."
            )
        raise
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--key") from None


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


def _read_text(source: str, name: str) -> str:
    try:
        if source != "-":
            return Path(source).read_text(encoding="utf-8")
        if sys.stdin.isatty():
            output.report("Type the question. End it with Ctrl-D on a line of its own.")
        return sys.stdin.buffer.read().decode()
    except OSError as error:
        raise typer.BadParameter(f"{source}: {error.strerror}.", param_hint=name) from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{source} is not UTF-8 text.", param_hint=name) from None


def _parse_object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise typer.BadParameter("FILE must hold a JSON object from `export`.", param_hint="FILE")
    return document
