"""Cancelling: said before what it does, final at once, and honest about what comes after."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = pytest.mark.browser


def test_what_was_never_sent_is_cancelled_for_free(page: Page, installation: Installation) -> None:
    installation.valkey()
    installation.api()
    visitor = Visitor(page, installation)
    visitor.open()
    visitor.hand_in("Never mind")
    visitor.page.get_by_text("Cancel this task…").click()
    expect(visitor.state).to_contain_text("Nothing has been sent yet, so this costs nothing")
    visitor.page.get_by_role("button", name="Yes, cancel it").dblclick()
    expect(visitor.state).to_contain_text("never had it, so it cost nothing")
    expect(visitor.heading).to_be_focused()
    expect(page.get_by_role("region", name="Facts")).to_contain_text("it was never sent")
    expect(page.get_by_text("Cancel this task…")).to_be_hidden()


def test_what_is_running_is_stopped_at_the_provider_too(visitor: Visitor) -> None:
    task = _running(visitor, "Stop it [simulate: never ends]")
    visitor.page.get_by_text("Cancel this task…").click()
    expect(visitor.state).to_contain_text("asks the simulator to stop. Nothing is paid")
    visitor.page.get_by_role("button", name="Yes, cancel it").click()
    expect(visitor.state).to_contain_text("Cancelled")
    expect(visitor.page.locator("#announcer")).to_contain_text("Cancelled")
    expect(visitor.state).to_contain_text("The simulator has stopped it")
    assert visitor.site.task(task)["provider_status"] == "cancelled"


def test_an_answer_that_comes_all_the_same_is_shown_with_its_cost(visitor: Visitor) -> None:
    _running(visitor, "Stubborn [simulate: completes after cancel, takes 4 s]")
    visitor.confirms("Cancel this task…", "Yes, cancel it")
    expect(visitor.state).to_contain_text("finished it all the same; it cost nothing")
    expect(visitor.page.get_by_role("heading", name="Late answer")).to_be_visible()
    expect(visitor.answer.locator(".answer-text[aria-busy]")).to_have_count(0)
    expect(visitor.state).to_contain_text("Cancelled")
    expect(visitor.page.locator("#announcer")).to_contain_text("with a late answer")
    expect(visitor.page.get_by_label("Follow up")).to_be_visible()
    assert Axe().run(visitor.page).response["violations"] == []


def test_a_cancellation_that_came_too_late_says_so_and_shows_the_answer(visitor: Visitor) -> None:
    visitor.page.route("**/v1/events", lambda route: route.abort())
    task = _running(visitor, "Just in time [simulate: takes 3 s]")
    visitor.page.route("**/v1/tasks?**", lambda route: route.abort())
    visitor.site.ended(task)
    visitor.confirms("Cancel this task…", "Yes, cancel it")
    visitor.reads("has changed in the meantime")
    visitor.page.unroute("**/v1/tasks?**")
    expect(visitor.answer).to_be_visible()


def _running(visitor: Visitor, question: str) -> str:
    """A task in progress, on the page."""
    task_id: str = visitor.site.submit(question)["id"]
    visitor.site.until(task_id, "in_progress")
    visitor.open_task(task_id)
    return task_id
