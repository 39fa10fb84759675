"""Finding a task again: by words, by state, by keyboard, and by the address one came from."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.page_object import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


def test_words_find_a_task_and_the_address_follows(visitor: Visitor) -> None:
    task = visitor.site.submit("Where do puffins winter?")["id"]
    visitor.site.ended(task)
    visitor.open("#/tasks")
    words = visitor.page.get_by_role("searchbox", name="Find")
    words.press_sequentially("puffins win*")
    expect(visitor.page).to_have_url(re.compile(r"#/tasks\?q=puffins\+win\*$"))
    expect(visitor.rows).to_have_count(1)
    expect(visitor.rows).to_contain_text("Where do puffins winter?")
    expect(visitor.rows).to_contain_text("Completed")
    expect(visitor.rows).to_contain_text(re.compile(r"\d s.*nothing"))
    expect(words).to_be_focused()
    expect(visitor.page).to_have_title(re.compile(r"Find: puffins win\* · Backburner$"))
    expect(visitor.page.locator("#announcer")).to_have_text("1 found.")


def test_back_leads_through_what_was_looked_at(visitor: Visitor) -> None:
    task = visitor.site.submit("Wombat [simulate: failed]")["id"]
    visitor.site.ended(task)
    visitor.open("#/tasks?q=wombat")
    expect(visitor.rows).to_have_count(1)
    visitor.page.get_by_role("link", name="Failed", exact=True).click()
    expect(visitor.page.get_by_role("link", name="Failed", exact=True)).to_be_focused()
    expect(visitor.page).to_have_url(re.compile(r"#/tasks\?status=failed&q=wombat$"))
    visitor.rows.get_by_role("link").click()
    expect(visitor.heading).to_contain_text("Wombat")
    visitor.page.go_back()
    expect(visitor.page).to_have_url(re.compile(r"#/tasks\?status=failed&q=wombat$"))
    expect(visitor.rows).to_have_count(1)
    expect(visitor.heading).to_be_focused()
    visitor.page.go_back()
    expect(visitor.page).to_have_url(re.compile(r"#/tasks\?q=wombat$"))
    expect(visitor.page.get_by_role("link", name="All", exact=True)).to_have_attribute(
        "aria-current", "true"
    )


def test_what_is_not_found_and_not_understood_is_explained(visitor: Visitor) -> None:
    visitor.open("#/tasks?q=xyzzyx")
    visitor.reads("has all these words")
    visitor.open("#/tasks?q=a*")
    visitor.reads("at least 3 letters before the *")


def test_a_listed_task_changes_without_a_reload(visitor: Visitor) -> None:
    visitor.open("#/tasks?q=narwhal")
    visitor.reads("has all these words")
    task = visitor.site.submit("Narwhal [simulate: takes 3 s]")["id"]
    expect(visitor.rows).to_have_count(1)
    visitor.site.ended(task)
    expect(visitor.rows).to_contain_text("Completed")


def test_the_shortcuts_dialog_opens_closes_and_turns_them_off(visitor: Visitor) -> None:
    visitor.open("#/tasks")
    expect(visitor.heading).to_be_visible()
    keyboard = visitor.page.keyboard
    keyboard.press("?")
    sheet = visitor.page.get_by_role("dialog", name="Shortcuts")
    expect(sheet).to_contain_text("Write a new task")
    keyboard.press("n")  # means nothing behind a sheet
    sheet.get_by_label("Use single-key shortcuts").uncheck()
    keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    keyboard.press("n")
    expect(visitor.heading).to_have_text("Tasks")
    visitor.page.get_by_role("button", name="Shortcuts").click()
    sheet.get_by_label("Use single-key shortcuts").check()
    sheet.get_by_role("button", name="Close").click()
    keyboard.press("s")
    expect(visitor.heading).to_have_text("System")


def test_a_found_task_shows_why_and_the_list_is_counted_and_sorted(visitor: Visitor) -> None:
    for text in ("Why do quokkas smile?", "Where do quokkas live? [simulate: takes 2 s]"):
        visitor.site.ended(visitor.site.submit(text)["id"])
    visitor.open("#/tasks?q=quokkas")
    expect(visitor.rows).to_have_count(2)
    expect(visitor.page.locator(".find-count")).to_have_text("2 tasks")
    why = visitor.rows.locator(".row-why")
    expect(why.first.locator("mark").first).to_have_text("quokkas")
    expect(why.last).to_contain_text("Why do quokkas smile")
    visitor.page.get_by_role("link", name="Longest", exact=True).click()
    expect(visitor.page).to_have_url(re.compile(r"#/tasks\?q=quokkas&sort=duration$"))
    expect(visitor.page.get_by_role("link", name="Longest", exact=True)).to_be_focused()
    expect(visitor.rows.first).to_contain_text("Where do quokkas live?")
    visitor.page.get_by_role("link", name="Newest", exact=True).click()
    expect(visitor.page).to_have_url(re.compile(r"#/tasks\?q=quokkas$"))
