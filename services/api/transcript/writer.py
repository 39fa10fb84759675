"""Writes a task as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from services.api.transcript.markers import MarkerKind, block
from shared.openai.answer import Citation

_HEAD = {
    "id": "Task",
    "status": "Status",
    "created_at": "Created",
    "completed_at": "Ended",
    "cost_usd": "Cost in US dollars",
    "model": "Model",
    "parent_id": "Continues",
    "retry_of": "Repeats",
}


def write(task: Mapping[str, Any]) -> str:
    """Write a task with its texts as Markdown that can be imported again.

    Several transcripts can be concatenated.
    """
    return "".join(_blocks(task))


def _blocks(task: Mapping[str, Any]) -> Iterator[str]:
    facts = [f"- {name}: {task[key]}" for key, name in _HEAD.items() if task[key] is not None]
    if task["provider"] == "simulator":
        facts.append("- Made up: the simulator answers, not a model")
    if task["error"]:
        facts.append(f"- {task['error']['code']}: {_line(task['error']['message'])}")
    yield block(MarkerKind.TASK, "\n".join([f"# {_line(task['title'])}", "", *facts]))
    for message in task["input"]:
        kind = MarkerKind(message["role"])
        for part in message["content"]:
            yield block(kind, part["text"])
            kind = MarkerKind.PART
    if task["output_text"]:
        yield block(MarkerKind.ANSWER, task["output_text"])
    if task["citations"]:
        yield block(MarkerKind.SOURCES, "\n".join(_sources(task["citations"])))


def _sources(citations: Sequence[Citation]) -> Iterator[str]:
    titles: dict[str, str] = {}
    for citation in citations:
        titles.setdefault(citation.url, citation.title)
    for number, (url, title) in enumerate(titles.items(), 1):
        shown = _line(title).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
        yield f"{number}. [{shown}](<{quote(url, safe=_IN_ADDRESSES)}>)"


_IN_ADDRESSES = "!#$%&'()*+,/:;=?@[]~"


def _line(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())
