"""What is unusual about a task's model is said, and nothing is said where all is as intended."""

from typing import Any

import pytest

from shared.domain.states import Status
from shared.presentation.models import model_note
from tests.shared import tasks

PRO, SOL = "gpt-5-pro", "gpt-6.1-sol"


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({}, None),
        ({"accepted_model": PRO}, None),
        ({"accepted_model": PRO, "sent_model": PRO, "answered_model": f"{PRO}-2025-10-06"}, None),
        ({"accepted_model": SOL, "sent_model": SOL, "answered_mode": "pro"}, None),
        (
            {"accepted_model": PRO, "sent_model": SOL},
            "It was accepted for gpt-5-pro and sent to gpt-6.1-sol.",
        ),
        (
            {"sent_model": PRO, "answered_model": "gpt-5-mini"},
            "It was sent to gpt-5-pro, and gpt-5-mini answered.",
        ),
        (
            {"sent_model": SOL, "answered_model": SOL},
            "It was sent with the reasoning mode pro; the response does not say so.",
        ),
        (
            {"sent_model": SOL, "answered_model": SOL, "answered_mode": "standard"},
            "It was sent with the reasoning mode pro; the response says standard.",
        ),
    ],
)
def test_the_note(fields: dict[str, Any], note: str | None) -> None:
    assert model_note(tasks.snapshot(Status.COMPLETED, **fields)) == note
