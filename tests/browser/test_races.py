"""Replies that come late, in any order: what a person did last is what the page shows."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.page_object import Visitor
from tests.harness import eventually

pytestmark = pytest.mark.browser


class Held:
    """Requests of a page that get no reply until they are released."""

    def __init__(self, page: Page, *addresses: str) -> None:
        self._page = page
        self._is_released = False
        self._routes: list[Route] = []
        for address in addresses:
            page.route(address, self._hold)

    def _hold(self, route: Route) -> None:
        if self._is_released:
            route.continue_()
        else:
            self._routes.append(route)

    def wait_for(self, count: int) -> None:
        eventually(lambda: self._count() == count, f"{count} requests are held")

    def _count(self) -> int:
        self._page.wait_for_timeout(20)  # lets the requests in
        return len(self._routes)

    def release(self) -> None:
        """Let all through, and wait until the page has used the replies."""
        self._is_released = True
        for route in self._routes:
            with self._page.expect_response(route.request.url):
                route.continue_()
        self._page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )


def _place(visitor: Visitor) -> Any:
    return visitor.start.bounding_box()


@pytest.mark.parametrize("presses", [1, 2])
def test_a_button_does_not_move_away_under_a_press(visitor: Visitor, presses: int) -> None:
    """What arrives between the press and its release would else make the click miss."""
    text = f"Pressed {presses} times"
    held = Held(visitor.page, "**/readyz", "**/v1/estimate", "**/v1/spending*")
    visitor.open()
    visitor.message.fill(text)
    visitor.start.hover()
    held.wait_for(3)
    before = _place(visitor)
    visitor.page.mouse.down()
    held.release()
    assert _place(visitor) == before
    visitor.page.mouse.up()
    if presses == 2:
        visitor.page.mouse.down(click_count=2)
        visitor.page.mouse.up(click_count=2)
    expect(visitor.heading).to_have_text(text)
    expect(visitor.notices).to_contain_text("Simulator.")
    assert len(visitor.tasks(text)) == 1


def test_the_form_of_a_branch_does_not_move_once_it_is_seen(visitor: Visitor) -> None:
    task = visitor.site.submit("Where do rivers begin?")["id"]
    visitor.site.ended(task)
    visitor.open_task(task)
    visitor.page.get_by_role("link", name="Edit and send as a branch").click()
    expect(visitor.message).to_have_value("Where do rivers begin?")
    expect(visitor.page.locator(".lead")).to_contain_text("come back later")
    before = _place(visitor)
    expect(visitor.page.locator(".cost-line")).to_have_text(re.compile("Usually|No estimate"))
    assert _place(visitor) == before


def test_what_was_sent_does_not_call_back_a_person_who_has_left(visitor: Visitor) -> None:
    visitor.open()
    held = Held(visitor.page, "**/v1/tasks")
    visitor.message.fill("Sent and left")
    visitor.start.click()
    visitor.page.get_by_role("link", name="All tasks").click()
    expect(visitor.heading).to_have_text("Tasks")
    held.wait_for(1)
    held.release()
    expect(visitor.listed.filter(has_text="Sent and left")).to_have_count(1)
    expect(visitor.heading).to_have_text("Tasks")
    assert visitor.page.url.endswith("#/tasks")


def test_a_task_that_was_sent_is_shown_without_being_read(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.route(re.compile(r"/v1/tasks/[\w-]+$"), lambda route: route.abort())
    visitor.message.fill("Shown at once")
    visitor.start.click()
    expect(visitor.heading).to_have_text("Shown at once")


def test_the_view_that_was_asked_for_last_wins(visitor: Visitor) -> None:
    """The module of the view before it comes last."""
    visitor.open()
    held = Held(visitor.page, "**/views/list.js")
    visitor.page.get_by_role("link", name="All tasks").click()
    visitor.page.get_by_role("link", name="System").click()
    expect(visitor.heading).to_have_text("System")
    held.wait_for(1)
    held.release()
    expect(visitor.heading).to_have_text("System")
