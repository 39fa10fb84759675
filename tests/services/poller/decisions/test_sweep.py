"""What to do with an overdue task follows from its state alone."""

import pytest

from services.poller.decisions.sweep import FREE_ATTEMPTS, MAX_ATTEMPTS, decide_sweep, sweep_backoff
from shared.domain.changes import Change
from shared.domain.states import OPEN, PauseReason, Status
from shared.domain.task import Task
from tests.shared import tasks


def swept(task: Task, attempts: int = 0) -> Change:
    change = decide_sweep(task, attempts, 1)
    assert change is not None
    return change


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
    change = swept(tasks.snapshot(status, polls=4, claim_token="a claim", response_id="resp_1"))
    assert change.after is after
    assert (change.job.id if change.job else None) == job


def test_every_open_state_was_thought_of() -> None:
    swept = {
        status
        for status in Status
        if decide_sweep(tasks.snapshot(status, response_id="resp_1"), 0, 1)
    }
    assert swept == OPEN - {Status.UNCONFIRMED}


def test_a_paused_task_goes_on_saying_why_it_waits() -> None:
    change = swept(tasks.snapshot(paused=PauseReason.QUOTA))
    assert change.set_fields["paused"] is PauseReason.QUOTA
    assert not change.visible


@pytest.mark.parametrize("status", [Status.QUEUED, Status.IN_PROGRESS])
def test_a_task_over_which_workers_break_down_is_set_aside_and_at_last_ended(
    status: Status,
) -> None:
    task = tasks.snapshot(status, response_id="resp_1")
    for starts in range(MAX_ATTEMPTS):
        change = swept(task, starts)
        assert change.job is not None
        assert (change.after, change.progress) == (status, False)
        assert change.job.delay == sweep_backoff(starts)
        assert change.sweep_after > sweep_backoff(starts)
    change = swept(task, MAX_ATTEMPTS)
    assert (change.after, change.set_fields["error_code"]) == (Status.FAILED, "poisoned")


def test_a_task_is_set_aside_longer_each_time_and_has_six_hours_in_all() -> None:
    waits = [sweep_backoff(starts) // 60_000 for starts in range(MAX_ATTEMPTS)]
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
    assert sum(waits) > 360


def test_a_task_that_is_set_aside_says_when_it_goes_on() -> None:
    running = tasks.snapshot(Status.IN_PROGRESS, response_id="resp_1")
    change = swept(running, FREE_ATTEMPTS)
    assert (change.set_times["next_poll_at"], change.visible) == (60_000, True)


def test_what_workers_break_down_over_is_ended_only_if_nothing_came_of_it_meanwhile() -> None:
    running = tasks.snapshot(Status.IN_PROGRESS, response_id="resp_1", polls=2)
    change = swept(running, MAX_ATTEMPTS)
    assert (change.expect["generation"], change.expect["polls"]) == (0, 2)


def test_a_check_over_which_workers_break_down_is_refused() -> None:
    task = tasks.snapshot(Status.UNCONFIRMED, adopting="resp_1")
    change = swept(task, FREE_ATTEMPTS)
    assert (change.after, change.set_fields["adopting"]) == (Status.UNCONFIRMED, None)
    assert "resp_1" in str(change.set_fields["adoption_refused"])


def test_what_is_watched_is_watched_no_more_when_workers_break_down_over_it() -> None:
    task = tasks.snapshot(Status.CANCELLED, response_id="resp_1", watch_until=1)
    change = swept(task, MAX_ATTEMPTS)
    assert (change.after, change.job, change.sweep_after) == (Status.CANCELLED, None, None)


def test_a_sending_that_never_ended_is_in_doubt_however_often_it_was_started() -> None:
    change = swept(tasks.snapshot(Status.SUBMITTING), 100)
    assert change.after is Status.UNCONFIRMED


def test_a_check_that_got_lost_is_made_again() -> None:
    change = swept(tasks.snapshot(Status.UNCONFIRMED, adopting="resp_1"))
    assert change.job is not None
    assert (change.job.id, change.progress) == ("adopt:task_1:1", False)


def test_what_we_ended_is_watched_on() -> None:
    task = tasks.snapshot(Status.CANCELLED, response_id="resp_1", watch_until=1)
    change = swept(task)
    assert change.job is not None
    assert (change.after, change.job.id) == (Status.CANCELLED, "poll:task_1:1:1")


def test_who_was_sending_what_was_cancelled_is_waited_for_only_so_long() -> None:
    change = swept(tasks.snapshot(Status.CANCELLED, ended_from=Status.SUBMITTING))
    assert (change.after, change.set_fields["ended_from"]) == (Status.CANCELLED, Status.UNCONFIRMED)
    assert (change.job, change.sweep_after) == (None, None)
    known = tasks.snapshot(Status.CANCELLED, ended_from=Status.SUBMITTING, response_id="resp_1")
    assert decide_sweep(known, 0, 1) is None


def test_a_deletion_that_got_lost_is_tried_again() -> None:
    task = tasks.snapshot(
        Status.COMPLETED, deletion_requested_at=1, deletion_attempts=2, deletion_problem="No."
    )
    change = swept(task)
    assert change.job is not None
    assert (change.job.id, change.job.delay) == ("delete:task_1:0:3", 0)
    assert (change.set_fields["deletion_problem"], change.progress) == ("No.", False)


def test_a_deletion_over_which_workers_break_down_is_tried_seldom_but_for_ever() -> None:
    task = tasks.snapshot(Status.CANCELLED, response_id="resp_1", deletion_requested_at=1)
    change = swept(task, FREE_ATTEMPTS)
    assert change.job is not None
    assert (change.after, change.job.delay) == (Status.CANCELLED, 600_000)
    assert "stopped during" in str(change.set_fields["deletion_problem"])
