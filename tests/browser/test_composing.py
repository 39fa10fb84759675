"""Writing a conversation and handing it in: nothing is lost, and nothing is sent twice."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_a_task_is_handed_in_and_its_answer_read_by_keyboard_alone(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.get_by_role("button", name="Skip to the page")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.message).to_be_focused()
    visitor.page.keyboard.type("Why is the sea salty?")
    visitor.page.keyboard.press("Control+Enter")
    expect(visitor.heading).to_be_focused()
    expect(visitor.heading).to_have_text("Why is the sea salty?")
    expect(visitor.answer.get_by_role("heading").nth(1)).to_be_visible()
    expect(visitor.page).to_have_title("Completed: Why is the sea salty? · Backburner")


def test_the_whole_conversation_is_sent_as_written(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.get_by_label("Developer message").fill("Be brief.")
    visitor.message.fill("What are tides?")
    visitor.page.get_by_role("button", name="Add a reply and a next message").click()
    visitor.page.get_by_label("Assistant").fill("The sea's breath.")
    visitor.hand_in("And in lakes?")
    sent = visitor.site.task(visitor.tasks("And in lakes?")[0]["id"])["input"]
    assert [(message["role"], message["content"][0]["text"]) for message in sent] == [
        ("developer", "Be brief."),
        ("user", "What are tides?"),
        ("assistant", "The sea's breath."),
        ("user", "And in lakes?"),
    ]


def test_turns_can_be_taken_away_again(visitor: Visitor) -> None:
    visitor.open()
    visitor.message.fill("What are tides?")
    visitor.page.get_by_role("button", name="Add a reply and a next message").click()
    visitor.page.get_by_role("button", name="Remove reply 1").click()
    expect(visitor.page.get_by_label("Assistant")).to_have_count(0)
    expect(visitor.message).to_have_value("What are tides?")
    expect(visitor.message).to_be_focused()


def test_a_draft_survives_a_reload(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.get_by_label("Developer message").fill("Be brief.")
    visitor.message.fill("First")
    visitor.page.get_by_role("button", name="Add a reply and a next message").click()
    visitor.page.get_by_label("Assistant").fill("Reply")
    visitor.message.fill("Second")
    visitor.message.blur()
    visitor.page.reload()
    expect(visitor.page.get_by_label("Developer message")).to_have_value("Be brief.")
    expect(visitor.page.get_by_label("Assistant")).to_have_value("Reply")
    expect(visitor.message).to_have_value("Second")


def test_a_double_click_sends_once(visitor: Visitor) -> None:
    visitor.open()
    visitor.message.fill("Only once")
    visitor.start.dblclick()
    expect(visitor.heading).to_have_text("Only once")
    assert len(visitor.tasks("Only once")) == 1


def test_after_acceptance_the_draft_is_gone(visitor: Visitor) -> None:
    visitor.open()
    visitor.hand_in("Sent and done")
    visitor.page.get_by_role("link", name="New task").click()
    expect(visitor.message).to_have_value("")


def test_what_the_server_refuses_is_said_beside_the_message(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.get_by_role("button", name="Add a reply and a next message").click()
    visitor.page.get_by_label("You, earlier").fill("First")
    visitor.message.fill("Second")
    visitor.start.click()
    reply = visitor.page.get_by_label("Assistant")
    expect(reply).to_be_focused()
    expect(reply).to_have_accessible_description("This message has no text.")
    expect(visitor.refusal).to_contain_text("Nothing was started")


def test_offline_the_draft_stays_and_goes_through_later_as_one_task(visitor: Visitor) -> None:
    visitor.open()
    visitor.message.fill("Through the storm")
    visitor.page.context.set_offline(True)
    visitor.start.click()
    expect(visitor.refusal).to_contain_text("did not answer")
    expect(visitor.notices).to_contain_text("Reconnecting")
    expect(visitor.message).to_have_value("Through the storm")
    visitor.page.context.set_offline(False)
    visitor.start.click()
    expect(visitor.heading).to_have_text("Through the storm")
    assert len(visitor.tasks("Through the storm")) == 1


def test_an_answer_lost_on_the_way_makes_no_second_task(visitor: Visitor) -> None:
    visitor.open()
    _lose_the_next_answer(visitor.page)
    visitor.message.fill("Heard once")
    visitor.start.click()
    expect(visitor.refusal).to_contain_text("Sending it again is safe")
    visitor.page.reload()
    expect(visitor.refusal).to_contain_text("may have been accepted")
    visitor.start.click()
    expect(visitor.heading).to_have_text("Heard once")
    assert len(visitor.tasks("Heard once")) == 1


def test_a_text_changed_after_a_lost_answer_asks_before_it_makes_a_second_task(
    visitor: Visitor,
) -> None:
    visitor.open()
    _lose_the_next_answer(visitor.page)
    visitor.message.fill("One version")
    visitor.start.click()
    expect(visitor.refusal).to_contain_text("Sending it again is safe")
    visitor.message.fill("Another version")
    visitor.start.click()
    expect(visitor.refusal).to_contain_text("earlier version of this text was already accepted")
    assert visitor.tasks("Another version") == []
    visitor.page.get_by_role("button", name="Send it as a task of its own").click()
    expect(visitor.heading).to_have_text("Another version")
    assert len(visitor.tasks("One version")) == 1


def test_nothing_that_is_fixed_can_be_chosen(visitor: Visitor) -> None:
    visitor.open()
    expect(visitor.message).to_be_visible()
    expect(visitor.page.locator("select, input")).to_have_count(0)
    fixed = re.compile("verbosity|effort|store", re.IGNORECASE)
    expect(visitor.page.locator("body")).not_to_contain_text(fixed)


def _lose_the_next_answer(page: Page) -> None:
    """The server gets the next POST and answers it, and the page never hears of it."""

    def lose(route: Route) -> None:
        assert route.fetch().status == 202
        route.abort("connectionreset")

    page.route("**/v1/tasks", lose, times=1)
