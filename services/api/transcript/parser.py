"""Reads Markdown as the conversation that it stands for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.api.schemas.conversation import PART_TYPES
from services.api.transcript.markers import Block, MarkerKind, TranscriptError, blocks


@dataclass(slots=True)
class Transcript:
    """One task as it was written down: the title, if there is one, and the messages with parts."""

    title: str | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    answered: bool = False

    @property
    def conversation(self) -> list[dict[str, Any]]:
        """What is to be answered: an answer counts only where the conversation goes on after it."""
        return self.messages[:-1] if self.answered else self.messages


def read(document: str) -> Sequence[Transcript]:
    """The tasks in the document; one without markers is one message from the user.

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
            pass  # they are in the answer already
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
