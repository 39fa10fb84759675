"""Notices come from a service worker in a real Chromium, under the page's strict policy."""

from typing import Any

import pytest
from playwright.sync_api import Page, Worker, expect

from tests.browser.page_object import Visitor
from tests.harness import eventually

pytestmark = pytest.mark.browser

SHOWN = """async () => {
  const worker = await navigator.serviceWorker.ready;
  const notices = await worker.getNotifications();
  return notices.map(({ title, tag, data }) => [title, tag, data]);
}"""
AWAY = """(state) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def allowed(visitor: Visitor) -> Visitor:
    """A person whose browser allows notifications from the page."""
    visitor.page.context.grant_permissions(["notifications"], origin=visitor.site.api_url)
    return visitor


def chosen(visitor: Visitor) -> str:
    """A running task, and the wish to be notified of its end; its id."""
    task: str = visitor.site.submit("Take your time [simulate: takes 600 s]", title="Far away")[
        "id"
    ]
    visitor.open_task(task)
    visitor.page.get_by_label("Notify me when it ends").check()
    return task


def worker_of(page: Page) -> Worker:
    def look() -> Worker | None:
        page.wait_for_timeout(50)  # lets the events in
        return next(iter(page.context.service_workers), None)

    worker: Worker = eventually(look, "a service worker")
    return worker


def shown(page: Page) -> Any:
    return page.evaluate(SHOWN)


def test_who_is_away_gets_a_notice_that_opens_the_task(allowed: Visitor) -> None:
    page = allowed.page
    task = chosen(allowed)
    worker = worker_of(page)
    page.evaluate(AWAY, "hidden")
    page.request.post(f"{allowed.site.api_url}/v1/tasks/{task}/cancel")
    eventually(lambda: shown(page), "a notice")
    assert shown(page) == [["Cancelled: Far away", task, f"#/tasks/{task}"]]
    page.evaluate(AWAY, "visible")
    allowed.page.get_by_role("link", name="All tasks").click()
    expect(allowed.heading).to_have_text("Tasks")
    worker.evaluate("(address) => openTask(address)", f"#/tasks/{task}")
    expect(allowed.heading).to_have_text("Far away")


@pytest.mark.thorough
def test_the_worker_keeps_nothing_and_answers_no_request(allowed: Visitor) -> None:
    chosen(allowed)
    worker = worker_of(allowed.page)
    assert worker.evaluate("caches.keys()") == []
    allowed.open("#/new")
    expect(allowed.heading).to_have_text("New task")
    from_worker = "performance.getEntriesByType('resource').filter((e) => e.workerStart > 0).length"
    assert allowed.page.evaluate(from_worker) == 0


@pytest.mark.thorough
def test_the_page_says_what_needs_an_open_tab_and_leads_to_what_does_not(allowed: Visitor) -> None:
    chosen(allowed)
    expect(allowed.state).to_contain_text("Needs an open tab of this page")
    allowed.page.get_by_role("link", name="Notices without an open tab").click()
    expect(allowed.heading).to_have_text("Notify me")
