"""A message says what happened and where to look; the answer only if the operator asked for it."""

import pytest

from services.poller.notifications.channels import Channel, EventKind
from services.poller.notifications.messages import MAX_ANSWER_CHARS, Message, compose
from services.poller.notifications.notices import (
    BudgetNotice,
    DigestNotice,
    Notice,
    PauseNotice,
    task_notice,
)
from shared.domain.spending import TaskOutcome
from shared.domain.states import Status
from shared.domain.task import Task
from shared.store import Allowance, Entry
from tests.services.poller.notifications.channels_example import channel
from tests.shared.tasks import snapshot

ALL = channel(events=list(EventKind))
DONE = snapshot(Status.COMPLETED, title="Roofs", submitted_at=0, completed_at=240_000, cost=420_000)


def told(
    task: Task, to: Channel = ALL, answer: str | None = None, page: str | None = None
) -> Message:
    notice = task_notice(task, to)
    assert notice is not None
    return compose([(notice, answer)], to, page)


def test_an_end_has_title_time_cost_and_link() -> None:
    assert told(DONE, page="https://a.example") == Message(
        "Backburner: Answer ready: Roofs",
        "It took 4 min. Cost: $0.42.\nhttps://a.example/#/tasks/task_1",
    )
    assert told(DONE).body.endswith("\ntask_1")
    private = channel(include_title=False)
    assert told(DONE, private).title == "Backburner: Answer ready"


def test_a_decision_says_that_nothing_is_sent_again() -> None:
    message = told(snapshot(Status.UNCONFIRMED, title="Roofs"))
    assert message.title == "Backburner: Decision needed: Roofs"
    assert "not sent again automatically" in message.body


def test_the_owner_is_named_where_a_channel_has_several() -> None:
    task = snapshot(Status.FAILED, owner="anna", error_code="server_error")
    assert "Owner: anna" in told(task).body
    assert "Owner" not in told(task, channel(events=["task.failed"], owners=["anna"])).body
    assert "Reason: server_error." in told(task).body


def test_an_answer_is_cut_and_several_notices_are_one_message() -> None:
    long = told(DONE, answer="x" * (MAX_ANSWER_CHARS + 1))
    assert "x" * MAX_ANSWER_CHARS + "…\n(The page shows" in long.body
    notice = task_notice(DONE, ALL)
    assert notice is not None
    both = compose([(notice, "First"), (notice, None)], ALL, None)
    assert both.title == "Backburner: 2 messages"
    assert both.body.count("Answer ready: Roofs") == 2


@pytest.mark.parametrize("text", ["@everyone", "<!channel>", "<@U1>", "a\x1b[31mb", "a\nb: c"])
def test_what_people_and_models_wrote_cannot_act(text: str) -> None:
    message = told(snapshot(Status.COMPLETED, title=text), answer=text)
    assert "\x1b" not in message.title + message.body
    assert "\n" not in message.title
    for command in ("@everyone", "<!channel>", "<@U1>"):
        assert command not in message.title + message.body


def test_a_budget_says_what_is_spent_and_what_only_reserved() -> None:
    near = BudgetNotice(
        "k",
        EventKind.BUDGET_WARNING,
        "anna",
        Allowance(5_000_000, 3_000_000, 10**6),
        exhausted=False,
    )
    message = compose([(near, None)], ALL, None)
    assert message.title == "Backburner: Today's budget is used to 80 %"
    assert "Owner anna: $3.00 spent (estimates included) and $1.00 reserved" in message.body
    full = BudgetNotice(
        "k", EventKind.BUDGET_WARNING, "*", Allowance(5_000_000, 5_000_000, 0), exhausted=True
    )
    message = compose([(full, None)], ALL, None)
    assert "no room for another task" in message.title
    assert "The installation: $5.00" in message.body


def test_a_digest_sums_the_owners_of_the_channel_and_says_what_is_estimated() -> None:
    entries = [
        Entry(20786, "anna", TaskOutcome.COMPLETED, 2_000_000, 3, 0),
        Entry(20785, "anna", TaskOutcome.FAILED, 500_000, 1, 0),
        Entry(20785, "bo", TaskOutcome.COMPLETED, 1_000_000, 1, 1, 250_000),
    ]
    notice = DigestNotice("k", EventKind.WEEKLY_DIGEST, 20786, entries)
    message = compose([(notice, None)], ALL, None)
    assert message.title == "Backburner: Spending from 2026-11-23 to 2026-11-29 (UTC)"
    assert message.body.splitlines() == [
        "All: $3.50 for 5 tasks, of which $0.50 bought no complete answer",
        "anna: $2.50 for 4 tasks, of which $0.50 bought no complete answer",
        "bo: $1.00 for 1 task",
        (
            "Without a known price: 1 task. The budgets count an estimate of $0.25,"
            " which is no part of the cost."
        ),
    ]
    own = channel(events=["weekly_digest"], owners=["bo"])
    assert "anna" not in compose([(notice, None)], own, None).body


def test_a_pause_says_why() -> None:
    notice: Notice = PauseNotice("k", EventKind.SUBMISSIONS_PAUSED, "The key is refused.")
    assert compose([(notice, None)], ALL, None).body == "The key is refused."
