"""What each picture shows: an address, and what a person has done there before it is taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.screenshots import sample_tasks

FORM_END = """() => {
  const { bottom } = document.querySelector(".composer").getBoundingClientRect();
  return Math.ceil(bottom + scrollY) + 40;
}"""


WEBHOOK_HOST = "hooks.example.com"
"""A host that the operator allows, since no name can be resolved where pictures are taken."""


def nothing(page: Page) -> None:
    """The view as it opens."""


def _compose(page: Page) -> None:
    developer, first, reply, last = sample_tasks.DRAFT
    page.locator(".instructions > summary").click()
    page.get_by_label("How the model should behave").fill(developer)
    page.get_by_label("Your message").fill(first)
    page.get_by_role("button", name="Add an exchange").click()
    page.get_by_label("Assistant").fill(reply)
    page.get_by_label("Your message").fill(last)
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": page.evaluate(FORM_END)})
    page.evaluate("scrollTo(0, 0)")


def _wait(page: Page) -> None:
    expect(page.get_by_role("progressbar")).to_be_visible()


def _read(page: Page) -> None:
    expect(page.locator(".answer-text[aria-busy]")).to_have_count(0)
    expect(page.locator(".code-box")).to_be_attached()


def _read_on(page: Page) -> None:
    _read(page)
    heading = page.get_by_role("heading", name="Why it is that note")
    heading.evaluate("(it) => it.scrollIntoView()")


def _read_to_the_end(page: Page) -> None:
    _read(page)
    page.get_by_role("heading", name="Sources").evaluate("(it) => it.scrollIntoView()")


def _price(page: Page) -> None:
    page.get_by_text("Send it again…").click()
    page.evaluate("scrollTo(0, 0)")


def _spending(page: Page) -> None:
    expect(page.get_by_role("img", name="Spending by day")).to_be_visible()


def _add_webhook(page: Page) -> None:
    for earlier in page.locator(".webhook").all():  # of the picture before
        earlier.get_by_role("button", name="Delete…").click()
        earlier.get_by_role("button", name="Delete this webhook").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    page.get_by_label("Address of your program").fill(f"https://{WEBHOOK_HOST}/backburner")
    page.get_by_role("button", name="Add webhook").click()
    expect(page.get_by_label("Signing secret")).to_be_visible()
    # A secret that looks like one, and the same in every picture.
    page.get_by_label("Signing secret").evaluate("(it) => (it.value = 'whsec_' + 'x'.repeat(43))")
    size = page.viewport_size
    assert size is not None
    height = "document.querySelector('main').getBoundingClientRect().bottom + scrollY"
    page.set_viewport_size({"width": size["width"], "height": int(page.evaluate(height))})
    page.evaluate("scrollTo(0, 0)")


@dataclass(frozen=True)
class View:
    """A picture's name, the part of the address after "#", and what is done there."""

    name: str
    address: str
    prepare: Callable[[Page], None] = nothing


DOCUMENTED = ("compose", "waiting", "answer", "unconfirmed", "list", "system", "notify")
"""What docs/images has; the other views are for whoever works on the page."""

EMPTY = [View("first-visit", "/new"), View("no-tasks", "/tasks")]


def of(ids: Mapping[str, str]) -> list[View]:
    """The views of a store that is in use; ``ids`` are the tasks by their titles."""

    def task(title: str) -> str:
        return f"/tasks/{ids[title]}"

    return [
        View("compose", "/new", _compose),
        View("waiting", task(sample_tasks.WAITING), _wait),
        View("answer", task(sample_tasks.READ), _read),
        View("answer-within", task(sample_tasks.READ), _read_on),
        View("answer-end", task(sample_tasks.READ), _read_to_the_end),
        View("unconfirmed", task(sample_tasks.UNCONFIRMED), _price),
        View("failed", task(sample_tasks.FAILED)),
        View("list", "/tasks"),
        View("system", "/system", _spending),
        View("notify", "/notify", _add_webhook),
    ]
