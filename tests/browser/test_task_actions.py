"""What can be done with a task that has ended: branches, another try, and its deletion."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


def test_a_conversation_is_edited_and_sent_as_a_branch(visitor: Visitor) -> None:
    first = _ended(visitor, "Where do rivers begin?")
    visitor.open_task(first)
    visitor.page.get_by_role("link", name="Edit and send as a branch").click()
    visitor.reads("A branch of an earlier task")
    expect(visitor.message).to_have_value("Where do rivers begin?")
    visitor.hand_in("Where do rivers end?")
    [branch] = visitor.tasks("Where do rivers end?")
    assert branch["parent_id"] == first
    assert visitor.site.task(branch["id"])["input"][0]["content"][0]["text"] == (
        "Where do rivers end?"
    )


def test_a_thread_shows_where_it_parts_and_leads_to_each_of_its_tasks(visitor: Visitor) -> None:
    root = _ended(visitor, "Root")
    left = _ended(visitor, "Left", parent_id=root)
    _ended(visitor, "Right", parent_id=root)
    _ended(visitor, "Further left", parent_id=left)
    visitor.open_task(left)
    thread = visitor.page.get_by_role("region", name="Thread")
    expect(thread).to_contain_text("Thread: 4 tasks, branching once")
    titles = thread.get_by_role("listitem").get_by_role("link")
    expect(titles).to_have_text(["Root", "Left", "Further left", "Right"])
    expect(thread.locator("[aria-current=page]")).to_have_text("Left")
    expect(thread.get_by_role("listitem").nth(3)).to_contain_text("branch 2 of 2")
    with visitor.page.expect_download() as waiting:
        thread.get_by_role("button", name="Download the thread as Markdown").click()
    assert waiting.value.suggested_filename.endswith(".md")
    thread.get_by_role("link", name="Right").click()
    expect(visitor.heading).to_have_text("Right")
    expect(visitor.heading).to_be_focused()


def test_a_task_alone_is_no_thread(visitor: Visitor) -> None:
    task = _ended(visitor, "Alone")
    with visitor.page.expect_response(f"**/v1/tasks/{task}/thread"):
        visitor.open_task(task)
    expect(visitor.page.get_by_role("region", name="Thread")).to_be_hidden()


def test_a_task_that_has_ended_is_tried_again_at_the_second_word(visitor: Visitor) -> None:
    task = _ended(visitor, "Again, please [simulate: failed]")
    visitor.open_task(task)
    visitor.asks("Try again…")
    visitor.reads("nothing is paid")
    assert len(visitor.tasks("Again, please [simulate: failed]")) == 1
    visitor.page.get_by_role("button", name="Yes, try again").dblclick()
    visitor.reads("Retry of an earlier task")
    assert len(visitor.tasks("Again, please [simulate: failed]")) == 2


def test_a_deleted_task_leaves_a_receipt(visitor: Visitor) -> None:
    task = _ended(visitor, "Forget me")
    visitor.open_task(task)
    visitor.asks("Delete it…")
    visitor.reads("This cannot be undone")
    visitor.page.get_by_role("button", name="Yes, delete it").dblclick()
    expect(visitor.heading).to_have_text("Deleted")
    expect(visitor.heading).to_be_focused()
    receipt = visitor.page.get_by_role("region", name="Receipt")
    expect(receipt).to_contain_text("It was deleted at the simulator")
    expect(receipt).to_contain_text("nothing but this receipt")
    expect(visitor.listed.filter(has_text="Forget me")).to_have_count(0)
    visitor.page.reload()
    expect(receipt).to_contain_text(task)


def test_while_it_is_being_deleted_the_page_says_so(page: Page, installation: Installation) -> None:
    poller = installation.all().processes[2]
    visitor = Visitor(page, installation)
    task = _ended(visitor, "Not yet gone")
    visitor.open_task(task)
    poller.stop()
    visitor.confirms("Delete it…", "Yes, delete it")
    expect(visitor.state).to_contain_text("Deletion in progress")
    expect(page.get_by_text("Delete it…")).to_be_hidden()
    expect(visitor.heading).to_be_focused()
    installation.poller()
    expect(visitor.heading).to_have_text("Deleted")


def test_a_task_that_another_window_deleted_shows_its_receipt(visitor: Visitor) -> None:
    task = _ended(visitor, "Deleted elsewhere")
    visitor.open_task(task)
    visitor.page.request.delete(f"{visitor.site.api_url}/v1/tasks/{task}")
    expect(visitor.heading).to_have_text("Deleted")


def _ended(visitor: Visitor, question: str, **body: str) -> str:
    task_id: str = visitor.site.submit(question, **body)["id"]
    visitor.site.ended(task_id)
    return task_id
