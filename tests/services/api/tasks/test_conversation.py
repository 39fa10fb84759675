"""However a conversation is spelled, it is stored and shown in one form."""

from typing import Any

import pytest

from tests.services.api.conftest import Service


def message(role: str, *texts: str) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"role": role, "content": [{"type": kind, "text": text} for text in texts]}


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (" Why?\n", [message("user", " Why?\n")]),
        ([{"role": "user", "content": "Why?"}], [message("user", "Why?")]),
        ([{"type": "message", **message("user", "Why?")}], [message("user", "Why?")]),
        ([message("user", "", "Why?")], [message("user", "", "Why?")]),
        (
            [
                {"role": "developer", "content": "Rhyme."},
                {"role": "user", "content": "Why?"},
                {"role": "assistant", "content": "Because."},
                message("user", "And 🙂 \x00 \u2028?"),
            ],
            [
                message("developer", "Rhyme."),
                message("user", "Why?"),
                message("assistant", "Because."),
                message("user", "And 🙂 \x00 \u2028?"),
            ],
        ),
    ],
)
async def test_input_is_stored_in_one_form(given: Any, stored: Any, service: Service) -> None:
    task = await service.submit(given)
    assert task["input"] == stored
    assert (await service.http.get(f"/v1/tasks/{task['id']}")).json()["input"] == stored


@pytest.mark.parametrize(
    ("question", "title", "shown"),
    [
        ("Why?\n  And\thow?", None, "Why? And how?"),
        ([message(role, role) for role in ("user", "assistant", "user")], None, "user"),
        ("x" * 80, None, "x" * 80),
        ("x" * 81, None, "x" * 79 + "…"),
        ("Why?", " Sky ", "Sky"),
        ("Why?", "  ", "Why?"),
        ("Why?", "é" * 200, "é" * 200),
    ],
)
async def test_a_task_always_has_a_title(
    question: Any, title: str | None, shown: str, service: Service
) -> None:
    assert (await service.submit(question, title=title))["title"] == shown
