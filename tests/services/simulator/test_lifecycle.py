"""A response's status is a function of what is stored and the clock, and of nothing else."""

from services.simulator.lifecycle import final_changes, status_at, timeline
from services.simulator.scripts import Script

PLAIN = Script(queued_seconds=1, run_seconds=6)


def statuses(outcome: Script, cancelled_at: float | None, *times: float) -> list[str]:
    moments = timeline(100, outcome, cancelled_at)
    return [status_at(moments, now) for now in times]


def test_a_response_is_queued_then_in_progress_then_completed() -> None:
    assert statuses(PLAIN, None, 100, 100.9, 101, 106.9, 107, 1e9) == [
        "queued",
        "queued",
        "in_progress",
        "in_progress",
        "completed",
        "completed",
    ]


def test_a_clock_set_back_before_the_creation_shows_queued() -> None:
    assert statuses(PLAIN, None, 50) == ["queued"]


def test_a_cancel_ends_a_response_that_has_not_ended() -> None:
    assert statuses(PLAIN, 103, 102, 103, 1e9) == ["in_progress", "cancelled", "cancelled"]


def test_a_cancel_while_queued_leaves_no_trace_of_the_run() -> None:
    assert statuses(PLAIN, 100.5, 100.4, 100.5, 102, 1e9) == ["queued", *["cancelled"] * 3]


def test_a_cancel_after_the_end_changes_nothing() -> None:
    assert timeline(100, PLAIN, 107) == timeline(100, PLAIN, None)


def test_one_that_outlives_its_cancel_is_cancelled_and_then_completed() -> None:
    stubborn = Script(queued_seconds=1, run_seconds=6, outlives_cancel=True)
    moments = timeline(100, stubborn, 103)
    assert [(moment.at, moment.status) for moment in final_changes(moments)] == [
        (103, "cancelled"),
        (107, "completed"),
    ]


def test_one_that_never_ends_has_no_ending_to_report_until_it_is_cancelled() -> None:
    endless = Script(queued_seconds=1, run_seconds=6, ending=None)
    assert statuses(endless, None, 1e9) == ["in_progress"]
    assert final_changes(timeline(100, endless, None)) == []
    assert len(final_changes(timeline(100, endless, 500))) == 1
