"""From what was typed to a task: reads the question, and hands it in under one key."""

import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

import typer

from backburner import exits, screen
from backburner.client import BackburnerError, Client, Message, Task
from backburner.exits import Exit

MARKER = re.compile(r"^<!--[ \t]*backburner:", re.MULTILINE)
"""What makes a Markdown file a conversation; the server reads those."""


def hand_in(
    client: Client,
    source: str,
    *,
    title: str | None,
    parent: str | None,
    developer: str | None,
    key: str | None,
) -> Task:
    """The task made of a file, or of a question added to another task's conversation.

    Whatever stops it, the key is told: with it the same command makes no second task.
    """
    text = _text(source, "FILE")
    role = developer
    if developer and developer.startswith("@"):
        role = _text(developer[1:], "--developer")
    conversation = None
    if parent or role:
        if source.endswith(".json") or MARKER.search(text):
            raise typer.BadParameter(
                "This file is a whole conversation: --continue and --developer go with a question."
            )
        conversation = _conversation(client, parent, role, text)
    made = key or str(uuid.uuid4())
    try:
        if conversation:
            return client.submit(conversation, title=title, parent_id=parent, idempotency_key=made)
        document = _object(text) if source.endswith(".json") else text
        return client.submit_document(document, title=title, idempotency_key=made)
    except BackburnerError as error:
        if exits.of_error(error) is Exit.AWAY:
            _tell_key(made)
        raise
    except KeyboardInterrupt:
        _tell_key(made)
        raise
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--key") from None


def _tell_key(key: str) -> None:
    screen.say(f"If it was taken, the same command with --key {key} makes no second task.")


def _conversation(
    client: Client, parent: str | None, developer: str | None, question: str
) -> list[Message]:
    messages = [Message(role="user", content=question)]
    if parent:
        task = client.get(parent)
        try:
            messages = task.continued(question)
        except ValueError as error:
            raise typer.BadParameter(f"{error}.", param_hint="--continue") from None
    if developer:
        messages.insert(-1, Message(role="developer", content=developer))
    return messages


def _text(source: str, name: str) -> str:
    """The file, or standard input."""
    try:
        if source != "-":
            return Path(source).read_text(encoding="utf-8")
        if sys.stdin.isatty():
            screen.say("Type the question; Ctrl-D on a line of its own ends it.")
        return sys.stdin.buffer.read().decode()
    except OSError as error:
        raise typer.BadParameter(f"{source}: {error.strerror}.", param_hint=name) from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{source} is not text in UTF-8.", param_hint=name) from None


def _object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise typer.BadParameter("This is no JSON object, as `export` gives it.", param_hint="FILE")
    return document
