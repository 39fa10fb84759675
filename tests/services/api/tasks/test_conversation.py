"""However a conversation is spelled, it is stored and shown in one form."""

from typing import Any

import pytest

from tests.services.api.conftest import Service

# The specification's more complete example, as it stands there.
EXAMPLE = [
    {
        "role": "developer",
        "content": [
            {
                "type": "input_text",
                "text": "You are a creative and talented storyteller, as well as an experienced critique and connoisseur of literary works.",  # noqa: E501 -- the specification's words
            }
        ],
    },
    {
        "role": "user",
        "content": [
            {
                "type": "input_text",
                "text": "Give me a short critique of the lina trilogy and the afterword.",
            },
        ],
    },
    {
        "role": "assistant",
        "content": [
            {
                "type": "output_text",
                "text": "Overall\nThe Lina Trilogy is a rare thing: a near‑future narrative that’s both emotionally legible and technically literate. It understands parasociality as an industry; it reframes “alignment” as a human problem before it is a model problem; and it finds an ending that is neither Luddite retreat nor shiny inevitabilism.",  # noqa: E501, RUF001 -- as above
            }
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "input_text", "text": "Write a short offshoot to the lina trilogy."},
        ],
    },
]


def message(role: str, *texts: str) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"role": role, "content": [{"type": kind, "text": text} for text in texts]}


async def test_the_specifications_example_is_taken_unchanged(submit: Any) -> None:
    task = await submit(EXAMPLE)
    assert task["input"] == EXAMPLE
    assert task["title"] == "Write a short offshoot to the lina trilogy."


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
        ("x" * 80, None, "x" * 80),
        ("x" * 81, None, "x" * 79 + "…"),
        ("Why?", " Sky ", "Sky"),
        ("Why?", "  ", "Why?"),
        ("Why?", "é" * 200, "é" * 200),
    ],
)
async def test_a_task_always_has_a_title(
    question: str, title: str | None, shown: str, service: Service
) -> None:
    assert (await service.submit(question, title=title))["title"] == shown
