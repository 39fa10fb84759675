"""Around the views: notices, addresses, and the list of the latest tasks."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


def test_the_simulator_is_announced_loudly(visitor: Visitor) -> None:
    visitor.open()
    expect(visitor.notices).to_contain_text("Every answer is made up and nothing is paid")
    expect(visitor.notices).to_contain_text("OPENAI_API_KEY")


def test_a_refused_key_is_named_above_the_page_and_on_the_task(
    page: Page, installation: Installation
) -> None:
    installation.valkey()
    installation.simulator()
    installation.poller(OPENAI_API_KEY="sk-wrong")
    installation.api()
    visitor = Visitor(page, installation)
    visitor.open()
    visitor.hand_in("Locked out")
    expect(visitor.state).to_contain_text("the API key is rejected")
    expect(visitor.notices).to_contain_text("Sending is paused")


def test_when_the_store_dies_the_page_keeps_what_it_shows_and_says_so(
    page: Page, installation: Installation
) -> None:
    store = installation.valkey()
    installation.api()
    visitor = Visitor(page, installation)
    visitor.open()
    visitor.hand_in("Still here")
    store.kill()
    expect(visitor.notices).to_contain_text("Redis does not answer")
    expect(visitor.heading).to_have_text("Still here")


def test_every_view_has_an_address_and_back_leads_back(visitor: Visitor) -> None:
    tasks = [visitor.site.submit(title) for title in ("One way", "Another way")]
    visitor.open_task(tasks[0]["id"])
    visitor.listed.filter(has_text="Another way").first.click()
    expect(visitor.heading).to_have_text("Another way")
    visitor.page.get_by_role("link", name="New task").click()
    expect(visitor.heading).to_have_text("New task")
    visitor.page.go_back()
    expect(visitor.heading).to_have_text("Another way")
    visitor.page.go_back()
    expect(visitor.heading).to_have_text("One way")


def test_older_tasks_come_on_demand_and_stay(page: Page, installation: Installation) -> None:
    installation.valkey()
    installation.api()
    for number in range(60):
        installation.submit(f"Number {number}")
    visitor = Visitor(page, installation)
    visitor.open()
    expect(visitor.listed).to_have_count(50)
    page.get_by_role("button", name="Show older tasks").click()
    expect(visitor.listed).to_have_count(60)
    expect(visitor.listed.first).to_contain_text("Number 59")
    with page.expect_response("**/v1/tasks?limit=50"):
        pass
    expect(visitor.listed).to_have_count(60)
