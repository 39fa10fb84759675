"""Everything on the page works by keyboard alone, and the focus is never lost."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.page_object import Visitor
from tests.harness import eventually

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

FAR = 150
"""Steps with Tab after which a place counts as out of reach."""


class Typist:
    """Someone without a mouse; after each key the focus must stand on something."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)
            self.stands(f"after {key}")

    def type(self, text: str) -> None:
        self._page.keyboard.type(text)
        self.stands(f"after typing {text!r}")

    def to(self, place: Locator, key: str = "Tab") -> None:
        """Go there step by step, as far as it takes."""
        expect(place).to_be_visible()
        for _ in range(FAR):
            if place.evaluate("(it) => it === document.activeElement"):
                return
            self.press(key)
        raise AssertionError(f"not within {FAR} steps: {place}")

    def stands(self, when: str) -> None:
        """A view that goes takes the focus with it for a moment, until the next has it."""
        eventually(self._is_somewhere, f"the focus stands somewhere {when}", 3)

    def _is_somewhere(self) -> bool:
        alive = "document.activeElement !== null && document.activeElement !== document.body"
        return bool(self._page.evaluate(alive))


@pytest.fixture
def typist(visitor: Visitor) -> Typist:
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.open()
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.get_by_role("button", name="Skip to the page")).to_be_focused()
    typist = Typist(visitor.page)
    typist.press("Enter")
    expect(visitor.message).to_be_focused()
    return typist


def test_a_conversation_is_composed_sent_read_and_gone_on_with(
    visitor: Visitor, typist: Typist
) -> None:
    page = visitor.page
    typist.type("Why is the sea salt?")
    typist.to(page.get_by_role("button", name="Add an exchange"))
    typist.press("Enter")
    expect(page.get_by_label("Assistant")).to_be_focused()
    typist.type("Rivers carry salt.")
    typist.press("Alt+ArrowUp")  # before the question, and back
    expect(page.get_by_label("Assistant")).to_be_focused()
    typist.to(page.get_by_role("button", name="Move message 1 down"), "Shift+Tab")
    typist.press("Enter")
    typist.to(page.get_by_role("button", name="Remove message 2"))
    typist.press("Enter")
    expect(visitor.message).to_be_focused()
    typist.type("And the Baltic?")
    typist.to(page.get_by_role("button", name="Remove message 1"), "Shift+Tab")
    typist.press("Enter")
    expect(visitor.message).to_be_focused()
    typist.press("Control+Enter")
    expect(visitor.heading).to_have_text("And the Baltic?")
    expect(visitor.heading).to_be_focused()
    expect(visitor.answer).to_be_visible()
    expect(page).to_have_title("Completed: And the Baltic? · Backburner")
    typist.to(page.get_by_role("button", name="More", exact=True))
    typist.press("Enter")
    typist.to(page.get_by_role("button", name="Copy as Markdown"))
    typist.press("Enter")
    expect(page.locator("#announcer")).to_have_text("Copied.")
    [task] = visitor.tasks("And the Baltic?")
    said = visitor.site.task(task["id"])["output_text"]
    assert page.evaluate("navigator.clipboard.readText()") == said
    typist.to(page.get_by_label("Follow up"))
    typist.type("Are you sure?")
    typist.press("Control+Enter")
    expect(visitor.heading).to_have_text("Are you sure?")
    expect(visitor.heading).to_be_focused()
    typist.to(page.locator(".turn.current").get_by_role("link", name="Edit and send as a branch"))
    typist.press("Enter")
    visitor.reads("A branch of an earlier task")
    expect(visitor.message).to_be_focused()


def test_what_runs_is_cancelled_and_what_ended_is_sent_again_and_deleted(
    visitor: Visitor, typist: Typist
) -> None:
    page = visitor.page
    typist.type("Stop me [simulate: never ends]")
    typist.press("Control+Enter")
    expect(visitor.heading).to_be_focused()
    expect(visitor.state).to_contain_text("In progress")
    opened(typist, page, "Cancel this task…", "Yes, cancel it")
    expect(visitor.state).to_contain_text("The simulator has stopped it")
    expect(visitor.heading).to_be_focused()
    opened(typist, page, "Try again…", "Yes, try again")
    visitor.reads("Retry of an earlier task")
    expect(visitor.heading).to_be_focused()
    opened(typist, page, "Cancel this task…", "Yes, cancel it")
    expect(visitor.state).to_contain_text("The simulator has stopped it")
    opened(typist, page, "Delete it…", "Yes, delete it")
    expect(visitor.heading).to_have_text("Deleted")
    expect(visitor.heading).to_be_focused()


@pytest.mark.parametrize("how", ["attached", "sent again"])
def test_an_unconfirmed_task_is_settled(visitor: Visitor, typist: Typist, how: str) -> None:
    visitor.site.clear_faults()
    visitor.site.fault("accept_then_drop", "create")
    typist.type(f"To be {how}")
    typist.press("Control+Enter")
    expect(visitor.unconfirmed_actions).to_be_visible()
    expect(visitor.heading).to_be_focused()
    if how == "attached":
        [task] = visitor.tasks(f"To be {how}")
        [post] = visitor.site.posts(task["id"])
        typist.to(visitor.response_id)
        typist.type(post["response_id"])
        typist.press("Enter")
        expect(visitor.answer).to_be_visible()
    else:
        opened(typist, visitor.page, "Send it again…", "Yes, send it again")
        visitor.reads("Retry of an earlier task")
    expect(visitor.heading).to_be_focused()


def test_the_list_the_system_and_the_shortcuts_are_used(visitor: Visitor, typist: Typist) -> None:
    page = visitor.page
    for title in ("Two walruses", "A walk through walruses"):
        visitor.site.ended(visitor.site.submit(title)["id"])
    typist.press("Tab", "t")  # in the message it would be a letter
    expect(visitor.heading).to_have_text("Tasks")
    typist.press("/")
    words = page.get_by_role("searchbox", name="Find")
    expect(words).to_be_focused()
    typist.type("walruses")
    expect(visitor.rows).to_have_count(2)
    expect(words).to_be_focused()
    completed = page.get_by_role("link", name="Completed", exact=True)
    typist.to(completed)
    typist.press("Enter")
    expect(page).to_have_url(re.compile(r"status=completed&q=walruses$"))
    expect(completed).to_be_focused()
    expect(completed).to_have_attribute("aria-current", "true")
    expect(visitor.rows).to_have_count(2)  # those of this question, not of the one before
    typist.press("j", "j", "Enter")
    expect(visitor.heading).to_have_text("Two walruses")
    expect(visitor.heading).to_be_focused()
    typist.press("k")
    expect(visitor.heading).to_have_text("A walk through walruses")
    expect(visitor.heading).to_be_focused()
    typist.press("s")
    expect(visitor.heading).to_have_text("System")
    expect(visitor.heading).to_be_focused()
    typist.to(page.get_by_text("Show as a table"))
    typist.press("Enter")
    expect(page.get_by_role("table")).to_be_visible()
    keys = page.get_by_role("button", name="Shortcuts")
    typist.to(keys, "Shift+Tab")
    typist.press("Enter")
    sheet = page.get_by_role("dialog", name="Shortcuts")
    typist.to(sheet.get_by_role("button", name="Close"))
    typist.press("Enter")
    expect(sheet).to_have_count(0)
    expect(keys).to_be_focused()
    typist.press("n")
    expect(visitor.message).to_be_focused()


def opened(typist: Typist, page: Page, ask: str, yes: str) -> None:
    """Do what takes a second word."""
    typist.to(page.get_by_role("button", name=ask))
    typist.press("Enter")
    typist.to(page.get_by_role("button", name=yes))
    typist.press("Enter")


def test_escape_leaves_a_field_so_that_shortcuts_work(visitor: Visitor, typist: Typist) -> None:
    typist.type("Half a thought")
    visitor.page.keyboard.press("Escape")
    expect(visitor.message).not_to_be_focused()
    expect(visitor.message).to_have_value("Half a thought")
    visitor.page.keyboard.press("t")
    expect(visitor.heading).to_have_text("Tasks")
    visitor.page.keyboard.press("/")
    words = visitor.page.get_by_role("searchbox", name="Find")
    expect(words).to_be_focused()
    visitor.page.keyboard.type("tides")
    visitor.page.keyboard.press("Escape")
    expect(words).to_have_value("")
    visitor.page.keyboard.press("Escape")
    expect(words).not_to_be_focused()
