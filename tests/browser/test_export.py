"""What leaves the page: copies, files and paper."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.page_object import Visitor

pytestmark = pytest.mark.browser

QUESTION = "Show me a program and its figures"


def test_code_is_copied_as_it_stands(visitor: Visitor) -> None:
    _open_answer(visitor)
    box = visitor.answer.locator(".code-box").first
    box.get_by_role("button", name="Copy the code").click()
    expect(box.get_by_role("button", name="Copy the code")).to_have_text("Copied")
    expect(visitor.page.locator("#announcer")).to_have_text("Copied.")
    assert _clipboard(visitor) == box.locator("pre").text_content()


def test_the_answer_is_copied_as_markdown(visitor: Visitor) -> None:
    task = _open_answer(visitor)
    visitor.page.get_by_role("button", name="Copy the answer").click()
    expect(visitor.page.get_by_role("button", name="Copy the answer")).to_have_text("Copied")
    assert _clipboard(visitor) == visitor.site.task(task)["output_text"]


def test_without_a_clipboard_the_old_way_copies(visitor: Visitor) -> None:
    visitor.page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: null})")
    _open_answer(visitor)
    button = visitor.page.get_by_role("button", name="Copy the answer")
    button.click()
    expect(visitor.page.locator("#announcer")).to_have_text("Copied.")
    expect(button).to_be_focused()


@pytest.mark.parametrize(
    ("name", "ending", "path"),
    [
        ("Download Markdown", ".md", "export"),
        ("Download JSON", ".json", "export"),
        ("Download the raw response", ".json", "response"),
    ],
)
def test_a_file_is_what_the_interface_gives(
    visitor: Visitor, name: str, ending: str, path: str
) -> None:
    task = _open_answer(visitor)
    visitor.more()
    with visitor.page.expect_download() as waiting:
        visitor.page.get_by_role("button", name=name, exact=True).click()
    saved = waiting.value
    accept = "text/markdown" if ending == ".md" else "application/json"
    url = f"{visitor.site.api_url}/v1/tasks/{task}/{path}"
    reply = visitor.page.request.get(url, headers={"Accept": accept})
    assert task in saved.suggested_filename
    assert saved.suggested_filename.endswith(ending)
    assert Path(saved.path()).read_bytes() == reply.body()


def test_a_file_that_does_not_come_is_said_to_be_missing_and_comes_later(visitor: Visitor) -> None:
    _open_answer(visitor)
    visitor.page.context.set_offline(True)
    visitor.more()
    visitor.page.get_by_role("button", name="Download JSON", exact=True).click()
    again = visitor.page.get_by_role("button", name="Download JSON: failed. Try again")
    expect(again).to_be_visible()
    visitor.page.context.set_offline(False)
    with visitor.page.expect_download() as waiting:
        again.click()
    assert json.loads(Path(waiting.value.path()).read_bytes())["export"]["format"]


def test_paper_has_the_text_and_nothing_to_press(visitor: Visitor) -> None:
    _open_answer(visitor)
    visitor.page.get_by_role("combobox", name="Theme").select_option("dark")
    visitor.page.emulate_media(media="print", color_scheme="dark")
    expect(visitor.answer).to_be_visible()
    expect(visitor.page.get_by_role("region", name="Facts")).to_be_visible()
    pressable = visitor.page.locator("button:not(.link):visible, textarea:visible, summary:visible")
    expect(pressable).to_have_count(0)
    expect(visitor.page.locator(".side")).to_be_hidden()
    body = visitor.page.locator("body")
    expect(body).to_have_css("color", "rgb(0, 0, 0)")
    expect(body).to_have_css("background-color", "rgb(255, 255, 255)")


def _open_answer(visitor: Visitor) -> str:
    """A task's answer on the page, whole."""
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    task_id: str = visitor.site.submit(QUESTION)["id"]
    visitor.site.until(task_id, "completed")
    visitor.open_task(task_id)
    expect(visitor.answer.locator(".answer-text:not([aria-busy])")).to_be_visible()
    return task_id


def _clipboard(visitor: Visitor) -> str:
    text: str = visitor.page.evaluate("navigator.clipboard.readText()")
    return text
