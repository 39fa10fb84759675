"""Money has an outcome once a task has ended, and only that of a whole answer is not wasted."""

import pytest

from shared.domain.spending import TaskOutcome, outcome_of
from shared.domain.states import OPEN, TERMINAL, Status


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_open_task_has_no_outcome(status: Status) -> None:
    assert outcome_of(status, "unconfirmed") is None


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_an_end_is_its_own_outcome(status: Status) -> None:
    assert outcome_of(status, "deadline_exceeded") == status


@pytest.mark.parametrize("code", ["abandoned", "superseded"])
def test_an_abandoned_or_superseded_task_has_its_own_outcome(code: str) -> None:
    assert outcome_of(Status.FAILED, code) == code


def test_only_a_whole_answer_is_not_wasted() -> None:
    assert [outcome for outcome in TaskOutcome if not outcome.wasted] == [TaskOutcome.COMPLETED]
