"""What to do with an overdue task follows from its state alone."""

import pytest

from services.poller.decide_sweep import decide_sweep
from shared.states import OPEN, TERMINAL, Pause, Status
from tests.shared import tasks


@pytest.mark.parametrize(
    ("status", "after", "job"),
    [
        (Status.QUEUED, Status.QUEUED, "submit:task_1:1"),
        (Status.SUBMITTING, Status.UNCONFIRMED, None),
        (Status.IN_PROGRESS, Status.IN_PROGRESS, "poll:task_1:1:5"),
    ],
)
def test_an_overdue_task_is_brought_back_on_its_way(
    status: Status, after: Status, job: str | None
) -> None:
    change = decide_sweep(tasks.snapshot(status, polls=4, claim="a claim"), 25_000)
    assert change is not None
    assert change.after is after
    assert (change.job.id if change.job else None) == job


@pytest.mark.parametrize("status", [Status.UNCONFIRMED, *sorted(TERMINAL)])
def test_nobody_waits_for_the_others(status: Status) -> None:
    assert decide_sweep(tasks.snapshot(status), 25_000) is None


def test_every_open_state_was_thought_of() -> None:
    swept = {status for status in Status if decide_sweep(tasks.snapshot(status), 1)}
    assert swept == OPEN - {Status.UNCONFIRMED}


def test_a_paused_task_goes_on_saying_why_it_waits() -> None:
    change = decide_sweep(tasks.snapshot(paused=Pause.QUOTA), 25_000)
    assert change is not None
    assert change.put["paused"] is Pause.QUOTA
    assert not change.visible
