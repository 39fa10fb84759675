"""Several tabs of one browser: one event stream for all, and a draft for each."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

TABS = 12
"""Twice as many as a browser opens HTTP/1.1 connections to one host."""

NO_STORAGE = """
const get = () => { throw new DOMException("", "SecurityError"); };
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(globalThis, name, { get });
"""
NO_LOCKS = "Object.defineProperty(navigator, 'locks', { value: undefined });"


@pytest.fixture
def idle(page: Page, installation: Installation) -> Visitor:
    """A page whose tasks nobody sends."""
    installation.valkey()
    installation.api()
    return Visitor(page, installation)


def _another(visitor: Visitor) -> Visitor:
    tab = Visitor(visitor.page.context.new_page(), visitor.site)
    tab.open()
    return tab


@contextmanager
def _streams(context: BrowserContext) -> Iterator[list[Request]]:
    """The event streams that are open."""
    seen: list[Request] = []

    def on_request(request: Request) -> None:
        if request.url.endswith("/v1/events"):
            seen.append(request)

    def on_end(request: Request) -> None:
        if request in seen:
            seen.remove(request)

    context.on("request", on_request)
    context.on("requestfailed", on_end)
    yield seen


def test_twelve_tabs_share_one_event_stream_and_all_hear_the_news(idle: Visitor) -> None:
    """With a stream in each tab, the seventh would wait for a connection for ever."""
    with _streams(idle.page.context) as streams:
        with idle.page.expect_response("**/v1/events"):
            idle.open()
        tabs = [idle, *(_another(idle) for _ in range(TABS - 1))]
        for tab in tabs:
            expect(tab.page.get_by_role("navigation", name="Tasks")).to_contain_text("No tasks yet")
        assert len(streams) == 1
        idle.site.submit("Heard everywhere")
        for tab in tabs:
            expect(tab.listed.filter(has_text="Heard everywhere")).to_be_visible(timeout=5_000)
        with idle.page.context.expect_event(
            "request", lambda request: request.url.endswith("/v1/events")
        ):
            idle.page.goto("about:blank")
        idle.site.submit("Heard from the next")
        for tab in tabs[1:]:
            expect(tab.listed.filter(has_text="Heard from the next")).to_be_visible()
        assert len(streams) == 1


def test_without_locks_a_hidden_tab_has_no_event_stream(idle: Visitor) -> None:
    """As on plain http outside loopback."""
    idle.page.add_init_script(NO_LOCKS)
    with _streams(idle.page.context) as streams:
        with idle.page.expect_response("**/v1/events"):
            idle.open()
        assert len(streams) == 1
        with idle.page.context.expect_event("requestfailed"):
            _show(idle.page, "hidden")
        assert streams == []
        with idle.page.expect_response("**/v1/events"):
            _show(idle.page, "visible")
        idle.site.submit("Back again")
        expect(idle.listed.filter(has_text="Back again")).to_be_visible()


def test_a_browser_that_blocks_site_data_shows_the_page(idle: Visitor) -> None:
    idle.page.add_init_script(NO_STORAGE)
    idle.open()
    expect(idle.heading).to_have_text("New task")
    idle.hand_in("Nothing is kept here")


def test_each_tab_has_a_draft_of_its_own_and_lists_the_others(idle: Visitor) -> None:
    idle.open()
    idle.message.fill("Written in the first tab")
    idle.message.blur()
    second = _another(idle)
    expect(second.message).to_have_value("")
    expect(_drafts(second)).to_contain_text("Written in the first tab")
    expect(_drafts(second)).to_contain_text("open in another tab")
    second.hand_in("Sent from the second tab")
    idle.hand_in("Written in the first tab")
    assert len(idle.tasks("Written in the first tab")) == 1


def test_the_draft_of_a_closed_tab_is_there_in_the_next(idle: Visitor) -> None:
    idle.open()
    second = _another(idle)
    second.message.fill("Left behind")
    second.message.blur()
    second.page.close()
    third = _another(idle)
    expect(third.message).to_have_value("Left behind")
    third.page.reload()
    expect(third.message).to_have_value("Left behind")


def test_a_draft_is_chosen_from_the_list_and_another_discarded(idle: Visitor) -> None:
    idle.open()
    tabs = {text: _another(idle) for text in ("First thought", "Second thought")}
    for text, tab in tabs.items():
        tab.message.fill(text)
        tab.message.blur()
    for tab in tabs.values():
        tab.page.close()
    idle.message.fill("In this form")
    idle.message.blur()
    idle.page.reload()
    drafts = _drafts(idle)
    drafts.get_by_role("button", name="First thought").first.click()
    expect(idle.message).to_have_value("First thought")
    expect(idle.message).to_be_focused()
    expect(drafts.get_by_role("listitem")).to_have_count(2)
    drafts.get_by_role("button", name="Discard the draft “Second thought”").click()
    expect(drafts.get_by_role("listitem")).to_have_count(1)
    expect(drafts).to_contain_text("In this form")


def test_back_from_a_sent_task_shows_an_empty_form_without_a_refusal(idle: Visitor) -> None:
    idle.open()
    idle.start.click()
    expect(idle.error).to_contain_text("Nothing was started")
    idle.hand_in("Sent at last")
    idle.page.go_back()
    expect(idle.message).to_have_value("")
    expect(idle.error).to_have_count(0)
    idle.page.reload()
    expect(idle.message).to_have_value("")
    expect(idle.error).to_have_count(0)
    expect(_drafts(idle)).to_have_count(0)


def _drafts(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("region", name="Drafts")


def _show(page: Page, state: str) -> None:
    page.evaluate(
        """(state) => {
          const property = { configurable: true, get: () => state };
          Object.defineProperty(document, "visibilityState", property);
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )
