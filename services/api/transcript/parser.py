"""Parses a Markdown transcript into conversations."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.api.schemas.conversation import PART_TYPES
from services.api.transcript.markers import Block, MarkerKind, TranscriptError, blocks


@dataclass(slots=True)
class Transcript:
    """One task of a transcript: its title, if any, and its messages."""

    title: str | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    answered: bool = False

    @property
    def conversation(self) -> list[dict[str, Any]]:
        """The input of the task: a final answer is left out."""
        return self.messages[:-1] if self.answered else self.messages


def read(document: str) -> Sequence[Transcript]:
    """Return the tasks in the document; without markers it is one user message.

    Raises TranscriptError.
    """
    before, marked = blocks(document)
    first = next(marked, None)
    if first is None:
        plain = Transcript()
        _add(plain, "user", before)
        return [plain]
    if before.strip():
        raise TranscriptError(1, "Text before the first marker belongs to no message.")
    tasks = [] if first.kind is MarkerKind.TASK else [Transcript()]
    for block in (first, *marked):
        if block.kind is MarkerKind.TASK:
            tasks.append(Transcript(_title(block.text)))
        else:
            _take(tasks[-1], block)
    return tasks


def _take(task: Transcript, block: Block) -> None:
    match block.kind:
        case MarkerKind.SOURCES:
            pass  # the answer contains them already
        case MarkerKind.PART if not task.messages:
            raise TranscriptError(block.line, "This part belongs to no message.")
        case MarkerKind.PART:
            message = task.messages[-1]
            message["content"].append(_part(message["role"], block.text))
        case MarkerKind.ANSWER:
            _add(task, "assistant", block.text)
            task.answered = True
        case _:
            _add(task, block.kind, block.text)


def _add(task: Transcript, role: str, text: str) -> None:
    task.messages.append({"role": str(role), "content": [_part(role, text)]})
    task.answered = False


def _part(role: str, text: str) -> dict[str, str]:
    return {"type": PART_TYPES[role], "text": text}


def _title(head: str) -> str | None:
    lines = (line.removeprefix("# ") for line in head.split("\n") if line.startswith("# "))
    return next(lines, "").strip() or None
