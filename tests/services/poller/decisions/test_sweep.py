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


ADOPTING = tasks.snapshot(Status.UNCONFIRMED, adopting="resp_1")
WATCHED = tasks.snapshot(Status.CANCELLED, response_id="resp_1", watch_until=1)
DELETING = tasks.snapshot(
    Status.COMPLETED, deletion_requested_at=1, deletion_attempts=2, deletion_problem="No."
)
UNSENT = tasks.snapshot(Status.CANCELLED, ended_from=Status.SUBMITTING)
RUNNING = tasks.snapshot(Status.IN_PROGRESS, response_id="resp_1", polls=4)


@pytest.mark.parametrize(
    ("task", "after", "job"),
    [
        (tasks.snapshot(), Status.QUEUED, "submit:task_1:1"),
        (tasks.snapshot(Status.SUBMITTING, claim_token="a claim"), Status.UNCONFIRMED, None),
        (RUNNING, Status.IN_PROGRESS, "poll:task_1:1:5"),
        (ADOPTING, Status.UNCONFIRMED, "adopt:task_1:1"),
        (WATCHED, Status.CANCELLED, "poll:task_1:1:1"),
        (DELETING, Status.COMPLETED, "delete:task_1:0:3"),
        (UNSENT, Status.CANCELLED, None),
    ],
    ids=["queued", "submitting", "in progress", "adopting", "watched", "deleting", "unsent"],
)
def test_an_overdue_task_gets_its_next_job(task: Task, after: Status, job: str | None) -> None:
    change = swept(task)
    assert change.after is after
    assert (change.job.id if change.job else None) == job
    assert not (change.job and change.progress)


def test_every_open_state_was_thought_of() -> None:
    swept = {
        status
        for status in Status
        if decide_sweep(tasks.snapshot(status, response_id="resp_1"), 0, 1)
    }
    assert swept == OPEN - {Status.UNCONFIRMED}


def test_a_rescheduled_task_keeps_the_reason_why_it_waits() -> None:
    change = swept(tasks.snapshot(paused=PauseReason.QUOTA))
    assert change.set_fields["paused"] is PauseReason.QUOTA
    assert not change.visible
    again = swept(DELETING)
    assert again.job is not None
    assert (again.job.delay, again.set_fields["deletion_problem"]) == (0, "No.")


@pytest.mark.parametrize("task", [tasks.snapshot(), RUNNING], ids=["queued", "in progress"])
def test_a_task_that_stops_workers_is_delayed_and_failed_after_the_last_attempt(
    task: Task,
) -> None:
    for starts in range(MAX_ATTEMPTS):
        change = swept(task, starts)
        assert change.job is not None
        assert (change.after, change.progress) == (task.status, False)
        assert change.job.delay == sweep_backoff(starts)
        assert change.sweep_after > sweep_backoff(starts)
    change = swept(task, MAX_ATTEMPTS)
    assert (change.after, change.set_fields["error_code"]) == (Status.FAILED, "poisoned")
    # Only if nothing came of it meanwhile.
    assert (change.expect["generation"], change.expect.get("polls")) == (0, task.polls or None)


def test_a_task_is_delayed_longer_each_time_and_has_six_hours_in_all() -> None:
    waits = [sweep_backoff(starts) // 60_000 for starts in range(MAX_ATTEMPTS)]
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
    assert sum(waits) > 360


def test_a_delayed_task_shows_when_it_is_polled_next() -> None:
    change = swept(RUNNING, FREE_ATTEMPTS)
    assert (change.set_times["next_poll_at"], change.visible) == (60_000, True)


def test_a_check_that_stops_workers_is_refused() -> None:
    change = swept(ADOPTING, FREE_ATTEMPTS)
    assert (change.after, change.set_fields["adopting"]) == (Status.UNCONFIRMED, None)
    assert "resp_1" in str(change.set_fields["adoption_refused"])


def test_watching_ends_when_it_stops_workers() -> None:
    change = swept(WATCHED, MAX_ATTEMPTS)
    assert (change.after, change.job, change.sweep_after) == (Status.CANCELLED, None, None)


def test_an_expired_lease_means_unconfirmed_however_often_it_was_started() -> None:
    assert swept(tasks.snapshot(Status.SUBMITTING), 100).after is Status.UNCONFIRMED


def test_the_sender_of_a_cancelled_task_is_waited_for_until_its_lease_expires() -> None:
    change = swept(UNSENT)
    assert (change.set_fields["ended_from"], change.sweep_after) == (Status.UNCONFIRMED, None)
    known = tasks.snapshot(Status.CANCELLED, ended_from=Status.SUBMITTING, response_id="resp_1")
    assert decide_sweep(known, 0, 1) is None


def test_a_deletion_that_stops_workers_is_retried_every_ten_minutes_without_end() -> None:
    change = swept(DELETING, FREE_ATTEMPTS)
    assert change.job is not None
    assert (change.after, change.job.delay) == (Status.COMPLETED, 600_000)
    assert "stopped during" in str(change.set_fields["deletion_problem"])
