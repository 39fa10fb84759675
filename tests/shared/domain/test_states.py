"""The table of states says what the design says."""

from shared.domain.states import OPEN, TERMINAL, TRANSITIONS, Status, can_transition


def test_the_ends_are_those_of_the_design() -> None:
    assert {"completed", "incomplete", "failed", "cancelled"} == TERMINAL
    assert OPEN | TERMINAL == set(Status) == set(TRANSITIONS)


def test_an_end_is_for_ever() -> None:
    assert not any(
        can_transition(end, status) for end in TERMINAL for status in set(Status) - {end}
    )


def test_a_task_that_may_have_been_sent_is_never_queued_again() -> None:
    assert not can_transition(Status.UNCONFIRMED, Status.QUEUED)
    assert not can_transition(Status.UNCONFIRMED, Status.SUBMITTING)
    assert not can_transition(Status.IN_PROGRESS, Status.QUEUED)
    assert not can_transition(Status.SUBMITTING, Status.SUBMITTING)


def test_every_open_state_leads_to_an_end() -> None:
    for status in OPEN:
        reached, border = {status}, {status}
        while border:
            border = {after for before in border for after in TRANSITIONS[before]} - reached
            reached |= border
        assert reached & TERMINAL


def test_nothing_completes_that_was_not_sent() -> None:
    assert not can_transition(Status.QUEUED, Status.COMPLETED)
    assert not can_transition(Status.QUEUED, Status.INCOMPLETE)
