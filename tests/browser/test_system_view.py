"""The system at a glance: what is wrong, what waits, and what was spent."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = pytest.mark.browser


def test_all_is_well_and_what_was_spent_is_drawn_and_written(visitor: Visitor) -> None:
    visitor.site.ended(visitor.site.submit("What does a day cost?")["id"])
    visitor.open("#/system")
    visitor.reads("All is well")
    visitor.reads("Accepted tasks survive a crash of any process and a power failure.")
    visitor.reads("Nothing is paid with the simulator")
    chart = visitor.page.get_by_role("img", name="Spending by day")
    expect(chart).to_have_count(0)  # of a single day
    visitor.page.get_by_text("Show as a table").click()
    expect(visitor.page.get_by_role("table").get_by_role("row")).to_have_count(2)
    address = "**/v1/spending?days=30"
    spent = visitor.page.request.get(f"{visitor.site.api_url}/v1/spending?days=30").json()
    day = spent["days"][0]
    before = str(date.fromisoformat(day["date"]) - timedelta(1))
    spent["days"].append(day | {"date": before})
    spent["today"]["installation"] |= {"budget_usd": 10, "spent_usd": 4, "reserved_usd": 1}
    visitor.page.route(address, lambda route: route.fulfill(json=spent))
    visitor.page.reload()
    expect(chart.locator("g")).to_have_count(30)
    assert float(chart.locator("g").last.locator(".bar-useful").get_attribute("height") or 0) > 0
    visitor.reads("Today: $4.00 and $1.00 reserved for tasks under way of $10.00.")
    expect(visitor.page.get_by_role("meter")).to_have_js_property("value", 0.5)


def test_the_tasks_that_run_longest_are_named_with_their_time(visitor: Visitor) -> None:
    task = visitor.site.submit("Longest of all [simulate: never ends]")["id"]
    visitor.site.until(task, "in_progress")
    visitor.open("#/system")
    longest = visitor.page.get_by_role("region", name="Longest running").get_by_role("listitem")
    expect(longest.filter(has_text="Longest of all")).to_contain_text(re.compile(r"\d s$"))
    longest.filter(has_text="Longest of all").get_by_role("link").click()
    expect(visitor.heading).to_contain_text("Longest of all")


def test_what_is_wrong_is_said_and_what_waits_leads_to_it(
    page: Page, installation: Installation
) -> None:
    installation.valkey()
    installation.api()
    installation.submit("Patience")
    visitor = Visitor(page, installation)
    visitor.open("#/system")
    visitor.reads("Something is wrong")
    visitor.reads("No poller is running: start one")
    page.get_by_role("main").get_by_role("link", name="1", exact=True).click()
    expect(page).to_have_url(f"{installation.api_url}/#/tasks?status=queued")
    expect(visitor.rows).to_contain_text("Patience")
