"""Titles, pins and the archive keep tasks in order, in every browser of their owner."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.page_object import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


def test_a_click_on_the_title_renames_the_task(browser: Browser, visitor: Visitor) -> None:
    task = visitor.site.submit("A clumsy beginning of a long question")["id"]
    visitor.site.ended(task)
    visitor.open_task(task)
    other = Visitor(browser.new_page(), visitor.site)
    other.open("#/system")
    expect(other.listed.filter(has_text="A clumsy beginning")).to_be_visible()
    visitor.heading.click()
    field = visitor.page.get_by_label("Title")
    field.fill("Never mind")
    field.press("Escape")
    expect(visitor.heading).to_have_text("A clumsy beginning of a long question")
    expect(visitor.heading).to_be_focused()
    visitor.heading.click()
    field.fill("A short name")
    field.press("Enter")
    expect(visitor.heading).to_have_text("A short name")
    expect(other.listed.filter(has_text="A short name")).to_be_visible()
    other.page.close()
    assert visitor.site.task(task)["title"] == "A short name"


def test_a_pinned_task_stands_above_the_others_and_an_archived_one_nowhere(
    visitor: Visitor,
) -> None:
    pinned, put_away = [
        visitor.site.submit(title)["id"] for title in ("To be pinned", "To be put away")
    ]
    for task in (pinned, put_away):
        visitor.site.ended(task)
    visitor.open_task(pinned)
    _choose(visitor, "Pin")
    pins = visitor.page.get_by_role("list", name="Pinned").get_by_role("listitem")
    expect(pins.filter(has_text="To be pinned")).to_be_visible()
    _choose(visitor, "Unpin")
    expect(pins.filter(has_text="To be pinned")).to_have_count(0)
    visitor.open_task(put_away)
    _choose(visitor, "Archive")
    expect(visitor.listed.filter(has_text="To be put away")).to_have_count(0)
    visitor.open("#/tasks")
    expect(visitor.rows.filter(has_text="To be pinned")).to_be_visible()
    expect(visitor.rows.filter(has_text="To be put away")).to_have_count(0)
    visitor.page.get_by_role("link", name="Archived").click()
    visitor.rows.filter(has_text="To be put away").get_by_role("link").click()
    _choose(visitor, "Unarchive")
    expect(visitor.listed.filter(has_text="To be put away")).to_be_visible()


def test_selected_tasks_are_exported_archived_tried_again_and_deleted_together(
    visitor: Visitor,
) -> None:
    for number in (1, 2):
        visitor.site.ended(visitor.site.submit(f"Zebra {number}")["id"])
    visitor.open("#/tasks?q=zebra")
    expect(visitor.rows).to_have_count(2)
    bar = visitor.page.get_by_role("region", name="Selected tasks")
    boxes = visitor.rows.get_by_role("checkbox")

    def select() -> None:
        for box in boxes.all():
            box.check()
        expect(bar).to_contain_text("2 selected")

    select()
    with visitor.page.expect_download() as download:
        bar.get_by_role("button", name="Export").click()
    text = download.value.path().read_text()
    assert "Zebra 1" in text
    assert "Zebra 2" in text
    expect(boxes.first).not_to_be_checked()
    select()
    bar.get_by_text("Try again…").click()
    expect(bar).to_contain_text("2 tasks will be sent again as new tasks")
    bar.get_by_role("button", name="Yes, try again").click()
    expect(visitor.rows).to_have_count(4)
    visitor.page.get_by_role("link", name="Completed", exact=True).click()
    expect(visitor.rows).to_have_count(4)
    for box in boxes.all():
        box.check()
    bar.get_by_text("Delete…").click()
    bar.get_by_role("button", name="Yes, delete").click()
    expect(visitor.rows).to_have_count(0)
    assert visitor.tasks("Zebra 1") == []


def _choose(visitor: Visitor, name: str) -> None:
    """Open the menu of a task and choose from it."""
    button = visitor.page.get_by_role("button", name=name, exact=True)
    if not button.is_visible():
        visitor.page.get_by_role("button", name="More", exact=True).click()
    button.click()
