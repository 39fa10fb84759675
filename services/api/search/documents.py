"""Converts a task to what the index stores: its words, and the version they show."""

from dataclasses import dataclass

import orjson

from services.api.search.query import owner_word, status_word
from services.api.search.snippets import head
from services.api.search.tokenizer import normalize
from shared.domain.task import Task
from shared.openai.response import Response


@dataclass(frozen=True, slots=True)
class IndexedVersion:
    """Identifies the indexed version of a task."""

    number: int
    stamp: str

    @classmethod
    def of(cls, task: Task, number: int) -> "IndexedVersion":
        """Return the task's version; after a rollback the number alone may mean another change."""
        return cls(number, f"{task.version} {task.created_at} {task.completed_at}")


@dataclass(frozen=True, slots=True)
class Document:
    """A task's columns: title, prompt, answer, status, owner.

    ``heads`` are the beginnings of prompt and answer as they were written, for snippets.
    """

    id: str
    seq: int
    shown: IndexedVersion
    columns: tuple[str, str, str, str, str]
    heads: tuple[str, str] = ("", "")


def read(task: Task, number: int, conversation: bytes, body: bytes | None) -> Document:
    """Build the document from the record, the conversation as JSON and the provider's object.

    Takes milliseconds for a long text: do not call it on the event loop.
    """
    response = None if body is None else Response.parse(body)
    texts = (part["text"] for turn in orjson.loads(conversation) for part in turn["content"])
    prompt, answer = "\n".join(texts), response.output_text if response else ""
    columns = (
        normalize(task.title),
        normalize(prompt),
        normalize(answer),
        status_word(task.status),
        owner_word(task.owner),
    )
    return Document(
        task.id,
        task.seq,
        IndexedVersion.of(task, number),
        columns,
        (head(prompt), head(answer)),
    )
