"""The first load is light, whatever address it begins at, and nothing is seen undressed."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.page_object import Visitor
from tests.browser.test_reading import answer_with
from tests.harness import eventually

pytestmark = pytest.mark.browser

MODULE_CAME = "import('/views/list.js').then(() => new Promise(requestAnimationFrame))"


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
        if event["response"]["url"].startswith("data:"):
            return  # part of the file that holds it, which is counted
        self._addresses[key] = event["response"]["url"]
        self._bytes[key] = int(event["response"]["encodedDataLength"])

    def _more(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._bytes:
            self._bytes[event["requestId"]] += int(event["encodedDataLength"])

    def _done(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._bytes:
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


@pytest.mark.parametrize(
    ("address", "requests", "kilobytes"),
    [
        ("#/new", 40, 85),
        ("#/tasks", 46, 90),
        ("#/system", 42, 82),
        ("#/notify", 44, 84),
        ("#/tasks/ID", 67, 130),
    ],
)
def test_the_first_load_stays_small(
    visitor: Visitor, ended: str, address: str, requests: int, kilobytes: int
) -> None:
    """Over the wire, headers included, with an empty cache and without a list of fifty tasks."""
    wire = Wire(visitor.page)
    visitor.open(address.replace("ID", ended))
    expect(visitor.heading).not_to_have_text("Loading…")
    expect(visitor.page.locator("[aria-busy]")).to_have_count(0)
    wire.settle()
    assert 20_000 < wire.total <= kilobytes * 1_000, str(wire)
    assert 20 < wire.count <= requests, str(wire)


def test_a_long_answer_is_read_before_the_form_at_its_end_is_loaded(
    visitor: Visitor, ended: str
) -> None:
    answer_with(
        visitor.site, ended, "A paragraph of some length. " * 20 + "\n\n" + "More.\n\n" * 100
    )
    wire = Wire(visitor.page)
    visitor.open_task(ended)
    expect(visitor.page.locator("[aria-busy]")).to_have_count(0)
    wire.settle()
    assert "answer-html.js" in str(wire)
    assert "follow-up.js" not in str(wire)
    assert wire.total <= 118_000, str(wire)
    assert wire.count <= 58, str(wire)
    visitor.page.get_by_role("button", name="Follow up").click()
    expect(visitor.page.get_by_role("textbox", name="Follow up")).to_be_focused()


def test_a_view_is_first_seen_when_all_of_it_is_there(visitor: Visitor) -> None:
    held: list[Route] = []
    visitor.page.route("**/task-search.css", lambda route: held.append(route))  # noqa: PLW0108 -- it must be a function
    visitor.open()
    expect(visitor.heading).to_have_text("New task")
    visitor.page.get_by_role("link", name="All tasks").click()
    visitor.page.evaluate(MODULE_CAME)
    expect(visitor.heading).to_have_text("New task")
    expect(visitor.page).to_have_title(re.compile(r"^(\(\d+\) )?New task · Backburner$"))
    assert held
    held[0].continue_()
    expect(visitor.heading).to_have_text("Tasks")
    expect(visitor.heading).to_be_focused()
    states = visitor.page.get_by_role("navigation", name="Status")
    assert states.evaluate("(nav) => getComputedStyle(nav).display") == "flex"


def test_what_is_said_for_paper_stays_the_last_word(visitor: Visitor, ended: str) -> None:
    visitor.open_task(ended)
    last = visitor.page.locator("link[rel=stylesheet]").last
    expect(last).to_have_attribute("href", "styles/print.css")


def test_a_view_that_could_not_load_comes_back(visitor: Visitor) -> None:
    visitor.open()
    visitor.message.fill("Kept over a reload")
    visitor.page.route("**/views/system.js", lambda route: route.abort())
    visitor.page.get_by_role("link", name="System").click()
    expect(visitor.heading).to_have_text("This page could not load")
    visitor.page.unroute("**/views/system.js")
    expect(visitor.heading).to_have_text("System")
    visitor.open()
    expect(visitor.message).to_have_value("Kept over a reload")


def test_the_conversation_of_a_branch_that_could_not_load_comes_back(
    visitor: Visitor, ended: str
) -> None:
    address = f"**/v1/tasks/{ended}"
    visitor.page.route(address, lambda route: route.abort())
    visitor.open(f"#/new?from={ended}")
    visitor.reads("The conversation could not be loaded. Trying again.")
    visitor.page.unroute(address)
    expect(visitor.message).to_have_value("Which storage suits a small utility?")
