"""What a person does at the page, so that tests read as stories."""

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.harness import Installation


@dataclass
class Visitor:
    """Finds things by what they are called on the page, as people do."""

    page: Page
    site: Installation

    def open(self, address: str = "#/new") -> None:
        """Open the page anew, also where only the address's fragment differs."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.site.api_url}/{address}")

    def open_task(self, task_id: str) -> None:
        self.open(f"#/tasks/{task_id}")
        expect(self.state).to_be_visible()

    def reads(self, text: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def hand_in(self, text: str) -> None:
        """Write a message and send it; the task's own view opens."""
        self.message.fill(text)
        self.start.click()
        expect(self.heading).to_have_text(text)

    def instruct(self, text: str) -> None:
        """Open the folded instructions and write them."""
        self.page.locator(".instructions > summary").click()
        self.page.get_by_label("How the model should behave").fill(text)

    def names(self, response: str) -> None:
        """Say which response is the task's."""
        self.response_id.fill(response)
        self.unconfirmed_actions.get_by_role("button", name="Check and attach").click()

    def asks(self, ask: str) -> None:
        """Begin what takes a second word; an answered task offers it under "⋯"."""
        wanted = self.page.get_by_text(ask)
        if not wanted.is_visible():
            self.more()
        wanted.click()

    def more(self) -> None:
        """Open the menu of a task."""
        self.page.get_by_role("button", name="More", exact=True).click()

    def confirms(self, ask: str, yes: str) -> None:
        """Do what takes a second word."""
        self.asks(ask)
        self.page.get_by_role("button", name=yes).click()

    def tasks(self, title: str) -> list[dict[str, Any]]:
        """The tasks of this title that the server knows."""
        page = self.page.request.get(f"{self.site.api_url}/v1/tasks?limit=100").json()
        return [task for task in page["data"] if task["title"] == title]

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def message(self) -> Locator:
        return self.page.get_by_label("Your message")

    @property
    def start(self) -> Locator:
        return self.page.get_by_role("button", name="Start task")

    @property
    def state(self) -> Locator:
        return self.page.get_by_role("region", name="Status")

    @property
    def answer(self) -> Locator:
        return self.page.get_by_role("region", name="Answer")

    @property
    def unconfirmed_actions(self) -> Locator:
        return self.page.get_by_role("region", name="What to do")

    @property
    def response_id(self) -> Locator:
        return self.page.get_by_label("Response id")

    @property
    def error(self) -> Locator:
        return self.page.get_by_role("alert").filter(has_text=re.compile(r"\S"))

    @property
    def notices(self) -> Locator:
        return self.page.locator(".notices")

    @property
    def listed(self) -> Locator:
        return self.page.get_by_role("navigation", name="Tasks").get_by_role("listitem")

    @property
    def rows(self) -> Locator:
        """What is drawn of the list of all tasks."""
        return self.page.locator(".rows").get_by_role("listitem")
