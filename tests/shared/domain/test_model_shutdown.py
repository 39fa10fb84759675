"""The end of the model is told in days, with the line to change."""

from datetime import date

import pytest

from shared.domain.model_shutdown import ModelShutdown


@pytest.mark.parametrize(
    ("days_left", "when", "near"),
    [
        (31, "in 31 days", False),
        (30, "in 30 days", True),
        (1, "in 1 day", True),
        (0, "which is today", True),
        (-2, "2 days ago", True),
    ],
)
def test_it_is_near_from_thirty_days_before(days_left: int, when: str, *, near: bool) -> None:
    shutdown = ModelShutdown("gpt-5-pro", date(2026, 12, 11), days_left)
    assert shutdown.near is near
    assert f"gpt-5-pro down on 2026-12-11, {when}. Tasks" in shutdown.message
    assert "Change ACTIVE in shared/openai/model.py" in shutdown.message
