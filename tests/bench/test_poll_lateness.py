"""Lateness of polls, seen from the provider."""

from bench.poll_lateness import lateness, overdue


def test_a_first_poll_is_late_against_its_due_time_and_the_next_against_the_one_before() -> None:
    due = {"a": 1_000.0, "b": 2_000.0}
    arrivals = [("a", 1_010.0), ("b", 2_500.0), ("a", 62_030.0)]
    assert lateness(due, arrivals, 61) == [10, 500, 20]


def test_calls_for_what_was_not_due_are_no_polls() -> None:
    assert lateness({"a": 0.0}, [("other", 5.0)], 61) == []


def test_a_poll_that_never_came_counts_by_what_it_is_late_already() -> None:
    due = {"came": 0.0, "never": 1_000.0, "not yet due": 90_000.0}
    assert overdue(due, [("came", 10.0)], 61, 31_000) == [30_000]
