"""What the index knows of a task: its words, and which change of it they show."""

from dataclasses import dataclass

import orjson

from services.api.search.query import owner_word, status_word
from services.api.search.tokenizer import spelled
from shared.domain.task import Task
from shared.openai.response import Response


@dataclass(frozen=True, slots=True)
class Shown:
    """The number of the last change that is in the index, and what else tells it from others."""

    number: int
    stamp: str

    @classmethod
    def of(cls, task: Task, number: int) -> "Shown":
        """In a store that was set back, the same number may come to stand for another change."""
        return cls(number, f"{task.version} {task.created_at} {task.completed_at}")


@dataclass(frozen=True, slots=True)
class Document:
    """A task's columns: title, prompt, answer, status, owner."""

    id: str
    seq: int
    shown: Shown
    columns: tuple[str, str, str, str, str]


def read(task: Task, number: int, conversation: bytes, body: bytes | None) -> Document:
    """From the task's record, its conversation as JSON and the provider's object if there is one.

    Takes milliseconds for a long one: away from the event loop.
    """
    response = None if body is None else Response.parse(body)
    texts = (part["text"] for turn in orjson.loads(conversation) for part in turn["content"])
    columns = (
        spelled(task.title),
        spelled("\n".join(texts)),
        spelled(response.output_text if response else ""),
        status_word(task.status),
        owner_word(task.owner),
    )
    return Document(task.id, task.seq, Shown.of(task, number), columns)
