"""Around the views: notices, addresses, and the list of the latest tasks."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
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


def test_the_sidebar_puts_first_what_needs_a_person_and_then_what_runs(
    visitor: Visitor,
) -> None:
    ended = visitor.site.submit("Long done")["id"]
    visitor.site.ended(ended)
    visitor.site.fault("accept_then_drop", "create")
    visitor.site.until(visitor.site.submit("Lost on the way")["id"], "unconfirmed")
    visitor.site.until(visitor.site.submit("Busy [simulate: never ends]")["id"], "in_progress")
    visitor.open()
    tasks = visitor.page.get_by_role("navigation", name="Tasks")
    expect(tasks.get_by_role("list", name="Needs you")).to_be_visible()
    names = tasks.get_by_role("list").evaluate_all("(all) => all.map((it) => it.ariaLabel)")
    assert names == ["Needs you", "Running", "Today"]
    for group, title, word in (
        ("Needs you", "Lost on the way", "Unconfirmed"),
        ("Running", "Busy", "In progress"),
        ("Today", "Long done", "Completed"),
    ):
        row = tasks.get_by_role("list", name=group).get_by_role("listitem").filter(has_text=title)
        expect(row.first).to_contain_text(word)
        expect(row.first).to_contain_text(re.compile("now|min"))


def test_older_tasks_come_on_demand_and_stay(page: Page, installation: Installation) -> None:
    installation.valkey()
    installation.api()
    for number in range(60):
        task = installation.submit(f"Number {number}")["id"]
        page.request.post(f"{installation.api_url}/v1/tasks/{task}/cancel")
    visitor = Visitor(page, installation)
    visitor.open()
    expect(visitor.listed).to_have_count(50)
    page.get_by_role("button", name="Show older tasks").click()
    expect(visitor.listed).to_have_count(60)
    expect(visitor.listed.first).to_contain_text("Number 59")
    with page.expect_response("**/v1/tasks?limit=50"):
        pass
    expect(visitor.listed).to_have_count(60)


def test_an_open_task_beyond_the_newest_fifty_is_in_the_sidebar(visitor: Visitor) -> None:
    task = visitor.site.submit("Old and busy [simulate: never ends]")["id"]
    visitor.site.until(task, "in_progress")
    for number in range(50):
        visitor.site.submit(f"Newer {number}")
    visitor.open()
    running = visitor.page.get_by_role("list", name="Running")
    expect(running.get_by_role("listitem").filter(has_text="Old and busy")).to_be_visible()


def test_somebody_without_tasks_is_shown_ways_to_begin(
    page: Page, installation: Installation
) -> None:
    installation.valkey()
    installation.api()
    visitor = Visitor(page, installation)
    visitor.open()
    ways = page.get_by_role("region", name="Ways to begin")
    ways.get_by_role("button", name="Import a conversation").click()
    expect(visitor.message).to_have_value("Why is the sea salt?")
    expect(page.locator(".instructions-preview")).to_have_text("Be brief.")
    page.get_by_role("button", name="Undo").click()
    ways.get_by_role("button", name="Try an example").click()
    expect(visitor.message).to_have_value(re.compile("train journey"))
    assert Axe().run(page).violations_count == 0
    visitor.start.click()
    expect(visitor.heading).to_contain_text("train journey")
    page.get_by_role("link", name="New task").click()
    expect(visitor.message).to_be_visible()
    expect(ways).to_have_count(0)
