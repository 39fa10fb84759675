"""A thread is one page: every turn rendered, branches beside each other, a follow-up at its end."""

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.page_object import Visitor
from tests.browser.test_reading import completed
from tests.harness import Installation

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


def follow(site: Installation, parent: str, question: str) -> str:
    """The id of a follow-up that has an answer."""
    task = site.task(parent)
    said = [*task["input"], {"role": "assistant", "content": task["output_text"]}]
    asked = [*said, {"role": "user", "content": question}]
    task_id: str = site.submit(asked, parent_id=parent)["id"]
    site.until(task_id, "completed")
    return task_id


def test_all_turns_are_rendered_on_one_page(visitor: Visitor) -> None:
    page = visitor.page
    page.set_viewport_size(ViewportSize(width=1280, height=800))
    first = completed(visitor.site, "How is a tide table computed?")
    second = follow(visitor.site, first, "Show me a program and its figures")
    third = follow(visitor.site, second, "And for a lake?")
    visitor.open_task(third)
    for number, form in ((1, "table"), (2, "pre code")):
        turn = page.get_by_role("region", name=f"Turn {number} of 3", exact=True)
        expect(turn.locator(f".answer-text:not([aria-busy]) {form}").first).to_be_attached()
    expect(visitor.answer.locator(".answer-text:not([aria-busy])")).to_be_visible()
    question = page.locator(".turn.current").get_by_role("region", name="Question")
    expect(question.get_by_role("button")).to_have_count(0)
    top = visitor.answer.locator(".answer-text > *").first.bounding_box()
    assert top
    assert 0 < top["y"] < 300, "earlier turns stand above without moving what is read"
    visitor.open_task(first)
    page.get_by_role("button", name="Latest turn ↓").click()
    last = page.get_by_role("region", name="Turn 3 of 3", exact=True)
    expect(last).to_be_in_viewport()
    expect(page.get_by_role("textbox", name="Follow up")).to_have_count(1)
    page.get_by_role("button", name="Follow up here, as a branch").click()
    expect(page.locator("#follow-up-here")).to_be_focused()
    last.get_by_role("link", name="Turn 3 of 3").click()
    expect(visitor.heading).to_have_text("And for a lake?")


def test_a_branch_stands_beside_its_turn(visitor: Visitor) -> None:
    page = visitor.page
    first = completed(visitor.site, "Where do rivers begin?")
    second = follow(visitor.site, first, "And where do they end?")
    visitor.open_task(second)
    page.locator(".turn.current").get_by_role("link", name="Edit and send as a branch").click()
    expect(visitor.message.last).to_have_value("And where do they end?")
    visitor.message.last.fill("And how long are they?")
    visitor.start.click()
    expect(visitor.heading).to_have_text("And how long are they?")
    here = page.locator(".turn.current .turn-place")
    expect(here.get_by_role("img", name="Branch 2 of 2")).to_be_visible()
    expect(here).to_contain_text("Turn 2 of 2")
    here.get_by_role("link", name="Previous branch: And where do they end?").click()
    expect(visitor.heading).to_have_text("And where do they end?")
    expect(here.get_by_role("img", name="Branch 1 of 2")).to_be_visible()


def test_answers_within_an_imported_conversation_are_rendered(visitor: Visitor) -> None:
    said = [("user", "One?"), ("assistant", "# Two\n\n**Three**"), ("user", "Four?")]
    task = visitor.site.submit([{"role": role, "content": text} for role, text in said])
    visitor.open_task(task["id"])
    question = visitor.page.get_by_role("region", name="Question")
    question.get_by_role("button", name="Show all, 3 messages").click()
    expect(question.get_by_role("heading", name="Two")).to_be_visible()
    expect(question.locator("strong")).to_have_text("Three")


def test_a_thread_is_downloaded_and_a_task_alone_is_none(visitor: Visitor) -> None:
    alone = completed(visitor.site, "Alone")
    thread = visitor.page.get_by_role("group", name="Export the thread")
    with visitor.page.expect_response(f"**/v1/tasks/{alone}/thread"):
        visitor.open_task(alone)
    visitor.more()
    expect(thread).to_be_hidden()
    visitor.open_task(follow(visitor.site, alone, "No more"))
    expect(visitor.page.get_by_role("region", name="Turn 1 of 2", exact=True)).to_be_attached()
    visitor.more()
    with visitor.page.expect_download() as waiting:
        thread.get_by_role("button", name="Download the thread as Markdown").click()
    assert waiting.value.suggested_filename.endswith(".md")
