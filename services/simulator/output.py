"""Builds the output of an ended response: reasoning, searches, the message, and usage."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from services.simulator import example
from services.simulator.answer_generator import MADE_BY, Answer, compose
from services.simulator.lifecycle import final_changes
from services.simulator.response_store import StoredResponse
from services.simulator.scripts import strip_scripts

_REFUSAL = f"I'm sorry, but I can't help with that.\n\n{MADE_BY}"
_FILLER = "All work and no play makes a long answer, line after line after line after line.\n"
_TOKENS_PER_SEARCH = 9_000
_LONG_INPUT_TOKENS = 300_000


@dataclass(frozen=True)
class Output:
    """The ``output`` and ``usage`` of a response."""

    items: list[dict[str, Any]] = field(default_factory=list)
    usage: dict[str, Any] | None = None


def output_of(stored: StoredResponse, status: str) -> Output:
    """Return the output of a response with the status ``completed`` or ``incomplete``."""
    answer = _answer(stored)
    if status == "incomplete":
        answer = _first_half(answer)
    items = [] if stored.script.answer == "empty" else _items(stored, answer, status)
    return Output(items, _usage(stored, answer) if stored.script.counts_usage else None)


def _answer(stored: StoredResponse) -> Answer:
    question = strip_scripts(stored.prompt)
    match stored.script.answer:
        case "empty":
            return Answer("")
        case "refusal":
            return Answer(_REFUSAL)
        case "huge":
            size = stored.script.huge_megabytes * 1_000_000
            return Answer(f"{MADE_BY}\n\n" + _FILLER * (size // len(_FILLER) + 1))
    if question == example.PROMPT:
        return example.ANSWER
    return compose(question, searched=bool(stored.request["tools"]))


def _first_half(answer: Answer) -> Answer:
    text = answer.text[: len(answer.text) // 2]
    kept = tuple(citation for citation in answer.citations if citation.end <= len(text))
    return Answer(text, kept, answer.query)


def _items(stored: StoredResponse, answer: Answer, status: str) -> list[dict[str, Any]]:
    reasoning: dict[str, Any] = {
        "content": None,
        "encrypted_content": None,
        "id": _item_id(stored, "rs"),
        "status": None,
        "summary": [],
        "type": "reasoning",
    }
    message = {
        "content": [_part(stored, answer)],
        "id": _item_id(stored, "msg"),
        "role": "assistant",
        "status": status,
        "type": "message",
    }
    return [reasoning, *_searches(stored, answer), message]


def _part(stored: StoredResponse, answer: Answer) -> dict[str, Any]:
    if stored.script.answer == "refusal":
        return {"refusal": answer.text, "type": "refusal"}
    annotations = [
        {
            "end_index": citation.end,
            "start_index": citation.start,
            "title": citation.title,
            "type": "url_citation",
            "url": citation.url,
        }
        for citation in answer.citations
    ]
    return {
        "annotations": annotations,
        "logprobs": [],
        "text": answer.text,
        "type": "output_text",
    }


def _searches(stored: StoredResponse, answer: Answer) -> list[dict[str, Any]]:
    if not answer.query:
        return []
    pages = dict.fromkeys(citation.url for citation in answer.citations)
    actions = [
        {"type": "search", "query": answer.query, "queries": [answer.query]},
        *({"type": "open_page", "url": url} for url in pages),
    ]
    return [
        {
            "action": action,
            "id": _item_id(stored, "ws", number),
            "status": "completed",
            "type": "web_search_call",
        }
        for number, action in enumerate(actions)
    ]


def _item_id(stored: StoredResponse, kind: str, number: int = 0) -> str:
    """Return an id like the real ones: the response's prefix, the time in hex, a hash."""
    head = stored.id.removeprefix("resp_")[:18]
    ended = int(final_changes(stored.timeline)[-1].at)
    rest = hashlib.sha256(f"{stored.id} {kind} {number}".encode()).hexdigest()[:24]
    return f"{kind}_{head}{ended:08x}{rest}"


def _usage(stored: StoredResponse, answer: Answer) -> dict[str, Any]:
    if answer is example.ANSWER:
        return example.USAGE
    chance = int(hashlib.sha256(stored.prompt.encode()).hexdigest()[:4], 16)
    read = stored.input_tokens + (_TOKENS_PER_SEARCH + chance % 5_000 if answer.query else 0)
    reasoning = 64 * (8 + chance % 120)
    written = reasoning + len(answer.text) // 4
    if stored.script.long_input:
        read += _LONG_INPUT_TOKENS
    cached, cache_write = (read // 2, read // 4) if stored.script.cached_input else (0, 0)
    return {
        "input_tokens": read,
        "input_tokens_details": {"cache_write_tokens": cache_write, "cached_tokens": cached},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": read + written,
    }
