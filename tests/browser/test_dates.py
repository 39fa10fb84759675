"""Tasks are found by the days on which they were handed in, as the reader's calendar has them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Request, expect

from tests.browser.page_object import Visitor

pytestmark = pytest.mark.browser


def _day(later: int) -> str:
    return (datetime.now(UTC) + timedelta(days=later)).strftime("%Y-%m-%d")


def test_days_narrow_the_list_with_words_and_state_and_are_in_the_address(visitor: Visitor) -> None:
    visitor.site.ended(visitor.site.submit("Quince [simulate: failed]")["id"])
    visitor.open("#/tasks?q=quince")
    expect(visitor.rows).to_have_count(1)
    visitor.page.get_by_label("from", exact=True).fill(_day(-1))
    visitor.page.get_by_label("to", exact=True).fill(_day(1))
    visitor.page.get_by_role("link", name="Failed", exact=True).click()
    wanted = rf"#/tasks\?status=failed&q=quince&from={_day(-1)}&to={_day(1)}$"
    expect(visitor.page).to_have_url(re.compile(wanted))
    expect(visitor.rows).to_have_count(1)
    visitor.page.reload()
    expect(visitor.rows).to_have_count(1)
    expect(visitor.page.get_by_label("from", exact=True)).to_have_value(_day(-1))


def test_days_without_tasks_are_named_and_back_leads_out(visitor: Visitor) -> None:
    visitor.site.submit("Medlar")
    visitor.open("#/tasks")
    expect(visitor.rows.first).to_be_visible()
    visitor.page.get_by_label("to", exact=True).fill("2020-02-29")
    visitor.reads("No task was sent until 29 February 2020.")
    expect(visitor.rows).to_have_count(0)
    visitor.page.get_by_label("from", exact=True).fill("2021-01-01")
    visitor.reads("The first day is after the last day.")
    visitor.page.go_back()
    visitor.reads("No task was sent until 29 February 2020.")
    visitor.page.go_back()
    expect(visitor.rows.first).to_be_visible()
    expect(visitor.page.get_by_label("to", exact=True)).to_have_value("")


def test_a_day_begins_at_the_readers_midnight(browser: Browser, visitor: Visitor) -> None:
    visitor.open()
    context = browser.new_context(locale="en-GB", timezone_id="Asia/Kathmandu")  # UTC+5:45
    asked: list[Request] = []
    page = context.new_page()
    page.on("request", lambda sent: asked.append(sent))  # noqa: PLW0108 -- it must be a function
    there = Visitor(page, visitor.site)
    there.open("#/tasks?from=2020-05-01&to=2020-05-01")
    there.reads("No task was sent on 1 May 2020.")
    found = [sent.url for sent in asked if "created_after" in sent.url]
    assert "created_after=2020-04-30T18%3A15%3A00.000Z" in found[0]
    assert "created_before=2020-05-01T18%3A15%3A00.000Z" in found[0]
    context.close()
