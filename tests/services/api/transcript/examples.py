"""Conversations and tasks such as the API shows them, for tests of what is written of them."""

from typing import Any

from hypothesis import strategies as st

from services.api.schemas.conversation import PART_TYPES

AWKWARD = st.sampled_from(
    [
        *("<!-- backburner: user -->", "<!-- backburner: part -->", "<!--backburner:task-->"),
        *("\\<!-- backburner: answer -->", "\\\\<!-- backburner:", " <!-- backburner: user -->"),
        *("\n", "\n\n", "\r\n", "\r", "\t", " ", "\\", "\ufeff", "\0", "\u2028", "\u2029", "\x85"),
        *("\x0b", "\x0c", "\x1c", "# A heading", "---", "```", "- a", "é", "😀", "-->", "word"),
    ]
)
TEXTS = st.lists(AWKWARD | st.text(max_size=8), max_size=12).map("".join)


def message(role: str, *texts: str) -> dict[str, Any]:
    return {
        "role": role,
        "content": [{"type": PART_TYPES[role], "text": text} for text in texts],
    }


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Any messages, of which the last is the user's."""
    roles = [*draw(st.lists(st.sampled_from([*PART_TYPES]), max_size=5)), "user"]
    return [message(role, *draw(st.lists(TEXTS, min_size=1, max_size=3))) for role in roles]


def task(conversation: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """A task's JSON, as far as a transcript tells of it."""
    given: dict[str, Any] = {
        "id": "task_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a",
        "status": "completed",
        "provider": "openai",
        "title": "A title",
        "created_at": "2025-12-10T04:09:01.512Z",
        "completed_at": None,
        "cost_usd": None,
        "parent_id": None,
        "retry_of": None,
        "model": None,
        "model_note": None,
        "error": None,
        "output_text": None,
        "citations": [],
        "input": conversation,
    }
    return given | fields
