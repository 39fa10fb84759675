"""The events by which OpenAI streams a response, made of a response that has ended."""

from collections.abc import Iterator
from typing import Any

DELTA_LENGTH = 4_000
"""Characters of one delta."""

Event = dict[str, Any]

_LAST = {"completed": "response.completed", "incomplete": "response.incomplete"}
"""By status. There is no event for `cancelled`: the object in `response.failed` says it."""


def first_events(shown: dict[str, Any]) -> list[Event]:
    """The events before the end: the response exists and is in progress."""
    begun = shown | {"output": [], "error": None, "incomplete_details": None, "usage": None}
    return [
        _event("response.created", response=begun | {"status": "queued"}),
        _event("response.in_progress", response=begun | {"status": "in_progress"}),
    ]


def last_events(shown: dict[str, Any]) -> Iterator[Event]:
    """The events of the answer, in OpenAI's order; the last one has the whole response."""
    for index, item in enumerate(shown["output"]):
        place = {"output_index": index}
        if item.get("type") != "message":
            yield _event("response.output_item.added", **place, item=item)
        else:
            begun = item | {"content": [], "status": "in_progress"}
            yield _event("response.output_item.added", **place, item=begun)
            content = item.get("content")
            for number, part in enumerate(content if isinstance(content, list) else []):
                yield from _part(part, place | {"item_id": item["id"], "content_index": number})
        yield _event("response.output_item.done", **place, item=item)
    yield _event(_LAST.get(shown["status"], "response.failed"), response=shown)


def _part(part: dict[str, Any], place: dict[str, Any]) -> Iterator[Event]:
    extra: dict[str, Any] = {}
    match part:
        case {"type": "output_text", "text": str(text)}:
            empty, extra = part | {"text": "", "annotations": []}, {"logprobs": []}
            done = {"text": text}
        case {"type": "refusal", "refusal": str(text)}:
            empty, done = part | {"refusal": ""}, {"refusal": text}
        case _:
            yield _event("response.content_part.added", **place, part=part)
            yield _event("response.content_part.done", **place, part=part)
            return
    name = f"response.{part['type']}"
    yield _event("response.content_part.added", **place, part=empty)
    for start in range(0, len(text), DELTA_LENGTH):
        delta = text[start : start + DELTA_LENGTH]
        yield _event(f"{name}.delta", **place, delta=delta, **extra)
    yield _event(f"{name}.done", **place, **done, **extra)
    yield _event("response.content_part.done", **place, part=part)


def _event(kind: str, **members: object) -> Event:
    return {"type": kind, **members}
