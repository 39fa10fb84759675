"""The first load is light, whatever address it begins at, and nothing is seen undressed."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.page_object import Visitor
from tests.harness import eventually

pytestmark = pytest.mark.browser

LIMIT = 45_000
"""Bytes over the wire, headers included, with nothing in the cache, and without a list of fifty."""

MOST = 18
"""Requests, of which each takes longer than what it brings."""

MODULE_CAME = "import('/views/list.js').then(() => new Promise(requestAnimationFrame))"


NAMES = r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)"


class Wire:
    """What comes to a page, by address."""

    def __init__(self, page: Page) -> None:
        self._addresses: dict[str, str] = {}
        self._bytes: dict[str, int] = {}
        self._open: set[str] = set()
        self._page = page
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.responseReceived", self._begun)
        session.on("Network.dataReceived", self._more)
        session.on("Network.loadingFinished", self._done)
        session.send("Network.enable")

    def _asked(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].endswith("/v1/events"):  # which never ends
            self._open.add(event["requestId"])

    def _begun(self, event: dict[str, Any]) -> None:
        key = event["requestId"]
        self._addresses[key] = event["response"]["url"]
        self._bytes[key] = int(event["response"]["encodedDataLength"])

    def _more(self, event: dict[str, Any]) -> None:
        self._bytes[event["requestId"]] += int(event["encodedDataLength"])

    def _done(self, event: dict[str, Any]) -> None:
        self._bytes[event["requestId"]] = int(event["encodedDataLength"])
        self._open.discard(event["requestId"])

    def settle(self) -> None:
        """Wait until all that was asked for is here."""
        eventually(self._is_settled, "all has come")

    def _is_settled(self) -> bool:
        self._page.wait_for_timeout(50)  # lets the events in
        return not self._open

    @property
    def total(self) -> int:
        return sum(self._bytes.values())

    @property
    def count(self) -> int:
        return len(self._bytes)

    def __str__(self) -> str:
        heaviest = sorted(self._bytes.items(), key=lambda item: -item[1])
        lines = [f"{size:>7} {self._addresses[key]}" for key, size in heaviest]
        return "\n".join([f"{self.total} bytes in {len(lines)} answers", *lines])


@pytest.fixture
def ended(visitor: Visitor) -> str:
    task: str = visitor.site.submit("Which storage suits a small utility?")["id"]
    visitor.site.ended(task)
    return task


@pytest.mark.parametrize("address", ["#/new", "#/tasks", "#/system"])
def test_everything_that_the_first_load_brings_is_light(visitor: Visitor, address: str) -> None:
    _arrive(visitor, address, LIMIT)


def test_who_begins_at_a_task_gets_no_more_than_it_takes(visitor: Visitor, ended: str) -> None:
    """The follow-up's form and every action come with it."""
    _arrive(visitor, f"#/tasks/{ended}", LIMIT * 3 // 2)


def _arrive(visitor: Visitor, address: str, limit: int) -> None:
    wire = Wire(visitor.page)
    visitor.open(address)
    expect(visitor.heading).not_to_have_text("Loading…")
    expect(visitor.page.locator("[aria-busy]")).to_have_count(0)
    wire.settle()
    assert 20_000 < wire.total < limit, str(wire)
    assert 8 < wire.count <= MOST, str(wire)


def test_a_view_is_first_seen_when_all_of_it_is_there(visitor: Visitor) -> None:
    held: list[Route] = []
    visitor.page.route("**/finder.css", lambda route: held.append(route))  # noqa: PLW0108 -- it must be a function
    visitor.open()
    expect(visitor.heading).to_have_text("New task")
    visitor.page.get_by_role("link", name="All tasks").click()
    visitor.page.evaluate(MODULE_CAME)
    expect(visitor.heading).to_have_text("New task")
    expect(visitor.page).to_have_title("New task · Backburner")
    assert held
    held[0].continue_()
    expect(visitor.heading).to_have_text("Tasks")
    expect(visitor.heading).to_be_focused()
    states = visitor.page.get_by_role("navigation", name="State")
    assert states.evaluate("(nav) => getComputedStyle(nav).display") == "flex"


@pytest.mark.parametrize("script", ["scripts/main.js", "views/task.js", "views/list.js"])
def test_no_script_hides_a_name_of_the_browser_from_the_others(
    visitor: Visitor, script: str
) -> None:
    """They travel together, in one scope."""
    source = httpx.get(f"{visitor.site.api_url}/{script}").text
    names = re.findall(NAMES, source, re.MULTILINE)
    assert len(names) > 5
    assert visitor.page.evaluate("(names) => names.filter((name) => name in window)", names) == []


def test_what_is_said_for_paper_stays_the_last_word(visitor: Visitor, ended: str) -> None:
    visitor.open_task(ended)
    last = visitor.page.locator("link[rel=stylesheet]").last
    expect(last).to_have_attribute("href", "styles/print.css")


def test_a_part_that_does_not_come_is_named_with_a_way_on(visitor: Visitor) -> None:
    visitor.open()
    visitor.message.fill("Kept over a reload")
    visitor.page.route("**/views/system.js", lambda route: route.abort())
    visitor.page.get_by_role("link", name="System").click()
    expect(visitor.heading).to_have_text("This part of the page did not come")
    visitor.page.unroute("**/views/system.js")
    visitor.page.get_by_role("button", name="Reload the page").click()
    expect(visitor.heading).to_have_text("System")
    visitor.open()
    expect(visitor.message).to_have_value("Kept over a reload")
