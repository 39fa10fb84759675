"""What a response that ended has to show: reasoning, searches, the message, and what it cost."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from services.simulator import example
from services.simulator.answer_generator import MADE_BY, Answer, compose
from services.simulator.lifecycle import endings
from services.simulator.outcomes import without_scripts
from services.simulator.response_store import Accepted

_REFUSAL = f"I'm sorry, but I can't help with that.\n\n{MADE_BY}"
_FILLER = "All work and no play makes a long answer, line after line after line after line.\n"
_TOKENS_PER_SEARCH = 9_000


@dataclass(frozen=True)
class Output:
    """The `output` and `usage` of a response."""

    items: list[dict[str, Any]] = field(default_factory=list)
    usage: dict[str, Any] | None = None


def output_of(accepted: Accepted, status: str) -> Output:
    """The output of a response that ended as `status`: `completed` or `incomplete`."""
    answer = _answer(accepted)
    if status == "incomplete":
        answer = _first_half(answer)
    items = [] if accepted.outcome.answer == "empty" else _items(accepted, answer, status)
    return Output(items, _usage(accepted, answer) if accepted.outcome.counts_usage else None)


def _answer(accepted: Accepted) -> Answer:
    question = without_scripts(accepted.prompt)
    match accepted.outcome.answer:
        case "empty":
            return Answer("")
        case "refusal":
            return Answer(_REFUSAL)
        case "huge":
            size = accepted.outcome.huge_megabytes * 1_000_000
            return Answer(f"{MADE_BY}\n\n" + _FILLER * (size // len(_FILLER) + 1))
    if question == example.PROMPT:
        return example.ANSWER
    return compose(question, searched=bool(accepted.request["tools"]))


def _first_half(answer: Answer) -> Answer:
    text = answer.text[: len(answer.text) // 2]
    kept = tuple(citation for citation in answer.citations if citation.end <= len(text))
    return Answer(text, kept, answer.query)


def _items(accepted: Accepted, answer: Answer, status: str) -> list[dict[str, Any]]:
    reasoning: dict[str, Any] = {
        "content": None,
        "encrypted_content": None,
        "id": _item_id(accepted, "rs"),
        "status": None,
        "summary": [],
        "type": "reasoning",
    }
    message = {
        "content": [_part(accepted, answer)],
        "id": _item_id(accepted, "msg"),
        "role": "assistant",
        "status": status,
        "type": "message",
    }
    return [reasoning, *_searches(accepted, answer), message]


def _part(accepted: Accepted, answer: Answer) -> dict[str, Any]:
    if accepted.outcome.answer == "refusal":
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


def _searches(accepted: Accepted, answer: Answer) -> list[dict[str, Any]]:
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
            "id": _item_id(accepted, "ws", number),
            "status": "completed",
            "type": "web_search_call",
        }
        for number, action in enumerate(actions)
    ]


def _item_id(accepted: Accepted, kind: str, number: int = 0) -> str:
    """An id as the real ones look: the response's own head, the time in hexadecimal, the rest."""
    head = accepted.id.removeprefix("resp_")[:18]
    ended = int(endings(accepted.timeline)[-1].at)
    rest = hashlib.sha256(f"{accepted.id} {kind} {number}".encode()).hexdigest()[:24]
    return f"{kind}_{head}{ended:08x}{rest}"


def _usage(accepted: Accepted, answer: Answer) -> dict[str, Any]:
    if answer is example.ANSWER:
        return example.USAGE
    chance = int(hashlib.sha256(accepted.prompt.encode()).hexdigest()[:4], 16)
    read = accepted.input_tokens + (_TOKENS_PER_SEARCH + chance % 5_000 if answer.query else 0)
    reasoning = 64 * (8 + chance % 120)
    written = reasoning + len(answer.text) // 4
    return {
        "input_tokens": read,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": read + written,
    }
