"""Of a list of thousands only the rows in sight exist, and coming back restores the place."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect
from redis.asyncio import Redis

from bench import corpus
from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

TASKS = 3_000

# Counts the rows after every change of them.
WATCH = """() => {
  window.most = 0;
  const rows = document.querySelector(".rows");
  new MutationObserver(() => (window.most = Math.max(window.most, rows.children.length)))
    .observe(rows, { childList: true });
}"""
DOWN = """(count) => {
  scrollBy(0, 3 * innerHeight);
  return Number(document.querySelector(".rows li:last-child").ariaPosInSet) === count;
}"""


def test_of_thousands_of_tasks_never_more_than_a_screen_or_two_are_there(
    page: Page, installation: Installation
) -> None:
    installation.valkey()
    # Playwright's own loop runs in this thread.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(lambda: asyncio.run(_fill(installation.redis_url))).result()
    installation.api()
    visitor = Visitor(page, installation)
    visitor.open("#/tasks")
    expect(visitor.rows.first).to_be_visible()
    page.evaluate(WATCH)
    page.wait_for_function(DOWN, arg=TASKS, timeout=120_000)
    everything = "document.querySelectorAll('*').length"
    assert 20 < page.evaluate("most") < 60
    assert page.evaluate(everything) < 2_000
    expect(visitor.rows.last).to_have_attribute("aria-setsize", str(TASKS))
    visitor.rows.last.get_by_role("link").focus()  # brings all of it into sight
    place = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    expect(visitor.heading).not_to_have_text("Tasks")
    page.go_back()
    expect(visitor.rows.last).to_have_attribute("aria-posinset", str(TASKS))
    assert page.evaluate("scrollY") == place
    page.keyboard.press("Home")
    expect(visitor.rows.first).to_have_attribute("aria-posinset", "1")


async def _fill(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    try:
        await corpus.fill(redis, TASKS)
    finally:
        await redis.aclose()
