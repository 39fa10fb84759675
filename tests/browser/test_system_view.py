"""The system at a glance: what is wrong, what waits, and what was spent."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = pytest.mark.browser


def test_all_is_well_and_what_was_spent_is_drawn_and_written(visitor: Visitor) -> None:
    visitor.site.ended(visitor.site.submit("What does a day cost?")["id"])
    visitor.open("#/system")
    visitor.reads("All is well")
    visitor.reads("Nothing is paid with the simulator")
    chart = visitor.page.get_by_role("img", name="Spending by day")
    expect(chart.locator("g")).to_have_count(30)
    assert float(chart.locator("g").last.locator(".bar-useful").get_attribute("height") or 0) > 0
    visitor.page.get_by_text("Show as a table").click()
    expect(visitor.page.get_by_role("table").get_by_role("row")).to_have_count(2)


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
