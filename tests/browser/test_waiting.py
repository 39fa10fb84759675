"""Waiting is calm: news comes by itself, trouble is said and heals, and what is usual is told."""

import re

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

AWAY = """(state) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}"""

NOTIFICATIONS = """
globalThis.shown = [];
globalThis.Notification = class {
  static permission = "default";
  static async requestPermission() { return (Notification.permission = "%s"); }
  constructor(text, options) { shown.push([text, options.tag]); }
};
"""
"""The border to the desktop, which a browser without one lacks."""


@pytest.fixture
def idle(page: Page, installation: Installation) -> Visitor:
    """Someone at a page whose tasks nobody sends: nothing is read because a check was due."""
    installation.valkey()
    installation.api()
    return Visitor(page, installation)


def _readings(page: Page) -> list[Request]:
    readings: list[Request] = []
    page.on(
        "response",
        lambda reply: readings.append(reply.request) if "/v1/tasks?" in reply.url else None,
    )
    return readings


def _open_and_listen(visitor: Visitor) -> list[Request]:
    """Open the page and wait until the stream is open and everything was read; the readings."""
    readings = _readings(visitor.page)
    with visitor.page.expect_response("**/v1/events") as stream:
        visitor.open()
    assert stream.value.status == 200
    expect(visitor.notices).to_contain_text("No poller is running")
    # The stream's opening makes it read; a page that only polls would read again within 10 s.
    expect(visitor.page.get_by_role("navigation", name="Tasks")).to_contain_text("No tasks yet")
    return readings


def test_news_comes_by_the_stream_and_without_reading_the_list(idle: Visitor) -> None:
    readings = _open_and_listen(idle)
    readings.clear()
    task = idle.site.submit("Told by the stream")
    row = idle.listed.filter(has_text="Told by the stream")
    expect(row).to_contain_text("Queued", timeout=5_000)
    idle.page.request.post(f"{idle.site.api_url}/v1/tasks/{task['id']}/cancel")
    expect(row).to_contain_text("Cancelled", timeout=5_000)
    assert readings == []


def test_where_the_stream_is_refused_the_page_reads_instead(idle: Visitor) -> None:
    refusal = {"status": 503, "json": {"title": "Too many event clients"}}
    idle.page.route("**/v1/events", lambda route: route.fulfill(**refusal))
    idle.open()
    idle.site.submit("Found by reading")
    expect(idle.listed.filter(has_text="Found by reading")).to_be_visible()
    expect(idle.notices).not_to_contain_text("Reconnecting")


def test_a_restart_of_the_api_is_said_and_heals_without_a_reload(idle: Visitor) -> None:
    api = idle.site.processes[-1]
    port = int(idle.site.api_url.rsplit(":", 1)[1])
    _open_and_listen(idle)
    idle.message.fill("Not forgotten")
    idle.page.evaluate("globalThis.neverReloaded = true")
    api.stop()
    expect(idle.notices).to_contain_text("Reconnecting")
    idle.site.api(port)
    expect(idle.notices).not_to_contain_text("Reconnecting")
    idle.site.submit("After the restart")
    expect(idle.listed.filter(has_text="After the restart")).to_be_visible()
    expect(idle.message).to_have_value("Not forgotten")
    assert idle.page.evaluate("globalThis.neverReloaded")


def test_offline_is_said_at_once_and_what_was_missed_is_there_afterwards(idle: Visitor) -> None:
    _open_and_listen(idle)
    idle.page.evaluate("globalThis.neverReloaded = true")
    idle.page.context.set_offline(True)
    expect(idle.notices).to_contain_text("Reconnecting", timeout=5_000)
    idle.site.submit("While offline")
    idle.page.context.set_offline(False)
    expect(idle.notices).not_to_contain_text("Reconnecting")
    expect(idle.listed.filter(has_text="While offline")).to_be_visible()
    assert idle.page.evaluate("globalThis.neverReloaded")


def test_past_the_usual_time_the_bar_stays_and_it_is_said(
    page: Page, installation: Installation
) -> None:
    installation.valkey()
    installation.simulator()
    installation.poller()
    installation.api()
    for task in [installation.submit(f"Sample {number}") for number in range(5)]:
        installation.ended(task["id"])
    task = installation.submit("Slower than the others [simulate: never ends]")
    installation.until(task["id"], "in_progress")
    visitor = Visitor(page, installation)
    visitor.open_task(task["id"])
    expect(visitor.state).to_contain_text(re.compile("longer than nine of ten", re.IGNORECASE))
    bar = visitor.state.get_by_role("progressbar")
    assert bar.evaluate("(bar) => bar.value") == 0.9
    visitor.confirms("Cancel this task…", "Yes, cancel it")
    expect(bar).to_be_hidden()


def test_times_follow_the_servers_clock(idle: Visitor) -> None:
    task = idle.site.submit("By the server's clock")
    idle.page.clock.set_system_time("2020-01-01T00:00:00Z")
    idle.open_task(task["id"])
    expect(idle.state).to_contain_text(re.compile(r"for [1-9]\d* s"))


def test_an_unread_answer_is_marked_until_it_is_opened_in_any_browser(
    browser: Browser, visitor: Visitor
) -> None:
    """Bold with a dot in the list, counted in the title, and a dot on the icon."""
    visitor.open("#/system")
    icon = visitor.page.locator("link[rel=icon]")
    plain = icon.get_attribute("href")
    expect(visitor.page).to_have_title("System · Backburner")
    task = visitor.site.submit("News to come")["id"]
    visitor.site.ended(task)
    row = visitor.listed.filter(has_text="News to come")
    expect(row).to_contain_text("not read yet")
    expect(visitor.page).to_have_title("(1) System · Backburner")
    expect(icon).not_to_have_attribute("href", str(plain))
    other = Visitor(browser.new_page(), visitor.site)
    other.open_task(task)
    expect(row).not_to_contain_text("not read yet")
    expect(visitor.page).to_have_title("System · Backburner")
    expect(icon).to_have_attribute("href", str(plain))
    other.page.close()


def test_who_is_away_is_told_as_chosen(idle: Visitor) -> None:
    idle.page.add_init_script(NOTIFICATIONS % "granted")
    task = idle.site.submit("Far away")
    idle.open_task(task["id"])
    idle.page.get_by_label("Notify me when it ends").check()
    expect(idle.state).to_contain_text("Needs an open tab of this page")
    idle.page.evaluate(AWAY, "hidden")
    idle.page.request.post(f"{idle.site.api_url}/v1/tasks/{task['id']}/cancel")
    expect(idle.page).to_have_title("Cancelled: Far away · Backburner")
    told = idle.page.evaluate("shown")
    assert told == [["Cancelled: Far away", task["id"]]]


def test_a_browser_that_blocks_notifications_is_not_promised_any(idle: Visitor) -> None:
    idle.page.add_init_script(NOTIFICATIONS % "denied")
    idle.open_task(idle.site.submit("Blocked")["id"])
    box = idle.page.get_by_label("Notify me when it ends")
    box.click()
    expect(idle.state).to_contain_text("blocks notifications from this page")
    expect(box).not_to_be_checked()
