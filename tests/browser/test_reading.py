"""A task's own view: its state in clear words, its answer, and how the conversation goes on."""

import re
import zlib

import orjson
import pytest
from playwright.sync_api import expect

from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


def test_the_states_follow_each_other_without_a_reload(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.evaluate(
        """() => {
          window.spoken = [];
          new MutationObserver(([{ target }]) => spoken.push(target.textContent))
            .observe(document.getElementById("announcer"), { childList: true });
        }"""
    )
    visitor.hand_in("Live [simulate: takes 3 s]")
    expect(visitor.state).to_contain_text("The simulator is working on it")
    expect(visitor.state).to_contain_text("so far")
    expect(visitor.state).to_contain_text("Completed")
    spoken = [line for line in visitor.page.evaluate("spoken") if "Live" in line]
    assert len(spoken) == len(set(spoken)), "a change of state is spoken once"
    assert "Completed" in spoken[-1]


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("How is a tide table computed?", "table"),
        ("Show me a program and its figures", "pre code.language-python span.k"),
    ],
)
def test_the_answer_keeps_its_form(visitor: Visitor, question: str, form: str) -> None:
    visitor.open_task(completed(visitor.site, question))
    expect(visitor.answer.locator(form).first).to_be_visible()


def test_a_note_leads_to_its_source_and_the_address_stays(visitor: Visitor) -> None:
    visitor.open_task(completed(visitor.site, "Who says so?"))
    address = visitor.page.url
    visitor.answer.get_by_role("link", name="Source 1").first.click()
    expect(visitor.page.locator("#source-1")).to_be_focused()
    visitor.page.get_by_role("button", name="Back to where source 1 is cited").click()
    expect(visitor.answer.get_by_role("link", name="Source 1").first).to_be_focused()
    assert visitor.page.url == address


def test_a_heading_has_an_address_of_its_own(visitor: Visitor) -> None:
    visitor.open_task(completed(visitor.site, "How is a tide table computed?"))
    heading = visitor.answer.get_by_role("heading", name="Side by side")
    heading.get_by_role("link").click()
    expect(heading).to_be_focused()
    visitor.page.reload()
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()


def test_a_long_answer_is_shown_whole_and_from_the_right_where_it_is_read_so(
    visitor: Visitor,
) -> None:
    task = completed(visitor.site, "Go on and on")
    chapters = [f"# الفصل {number}\n\n" + "كلمة " * 50 for number in range(1_000)]
    answer_with(visitor.site, task, "\n\n".join([*chapters, "```\nlast\n```"]))
    visitor.open_task(task)
    expect(visitor.answer.get_by_role("button", name="Copy the code")).to_be_attached()
    text = visitor.answer.locator(".answer-text.long:not([aria-busy])")
    expect(text).to_have_attribute("dir", "rtl")
    expect(text.locator("h3")).to_have_count(1_000)
    text.locator("h3").last.scroll_into_view_if_needed()
    expect(text.locator("h3").last).to_be_in_viewport()


def test_in_an_answer_from_the_right_code_and_columns_keep_their_side(visitor: Visitor) -> None:
    task = completed(visitor.site, "Why is the sea salt?")
    table = "| البحر | سنة | g |\n|---|---|--:|\n| الأحمر | 1869 | 41 |"
    answer_with(visitor.site, task, f"# الملح\n\n{table}\n\n```python\nx = 1\n```")
    visitor.open_task(task)
    expect(visitor.answer.locator("pre.code")).to_have_css("direction", "ltr")
    expect(visitor.answer.locator("pre.code")).to_have_css("text-align", "left")
    for cell in visitor.answer.locator("th, td").all():
        expect(cell).to_have_css("text-align", "right")


def test_a_root_has_its_sign_whatever_fonts_there_are(visitor: Visitor) -> None:
    task = completed(visitor.site, "How high does a string sound?")
    answer_with(visitor.site, task, r"It is $\sqrt{T}$.")
    visitor.open_task(task)
    visitor.page.wait_for_function("document.fonts.check('16px \"Backburner Math\"')")
    root, inside = visitor.answer.locator("msqrt"), visitor.answer.locator("msqrt mi")
    size, within = root.bounding_box(), inside.bounding_box()
    assert size
    assert within
    assert size["width"] > within["width"] + 4, "the sign takes room before what it stands over"


def test_an_answer_too_large_for_markup_is_shown_whole_all_the_same(visitor: Visitor) -> None:
    task = completed(visitor.site, "A book, please")
    book = "A line of plain text.\n" * 60_000
    answer_with(visitor.site, task, book)
    visitor.open_task(task)
    text = visitor.answer.locator(".answer-text.long:not([aria-busy])")
    expect(text.locator("pre.plain")).to_be_attached()
    assert (text.text_content() or "").strip() == book.strip()


def test_the_receipt_names_tokens_and_cost_and_that_nothing_was_paid(visitor: Visitor) -> None:
    visitor.open_task(completed(visitor.site, "What did it cost?"))
    receipt = visitor.page.get_by_role("region", name="Facts")
    expect(receipt).to_contain_text("nothing (the real model: about $")
    expect(receipt).to_contain_text("reasoning)")
    expect(receipt).to_contain_text(re.compile(r"Web searches\d"))


def test_a_follow_up_sends_the_conversation_with_its_answer(visitor: Visitor) -> None:
    first = completed(visitor.site, "Where do rivers begin?")
    visitor.open_task(first)
    visitor.page.get_by_label("Follow up").fill("And where do they end?")
    visitor.page.get_by_role("button", name="Send follow-up").dblclick()
    expect(visitor.heading).to_have_text("And where do they end?")
    [found] = visitor.tasks("And where do they end?")
    before, after = visitor.site.task(first), visitor.site.task(found["id"])
    answer = {"type": "output_text", "text": before["output_text"]}
    question = {"type": "input_text", "text": "And where do they end?"}
    assert after["parent_id"] == first
    assert after["input"] == [
        *before["input"],
        {"role": "assistant", "content": [answer]},
        {"role": "user", "content": [question]},
    ]


@pytest.mark.parametrize(
    ("simulated", "words"),
    [
        ("failed", ["Failed", "internal error", "server_error", "Trying again makes a new task"]),
        ("incomplete", ["Incomplete", "limit of output tokens"]),
        ("content filter", ["Incomplete", "content filter"]),
        ("cancelled", ["Cancelled", "try again below"]),
    ],
)
def test_an_end_without_an_answer_says_why_and_what_to_do(
    visitor: Visitor, simulated: str, words: list[str]
) -> None:
    task = visitor.site.submit(f"An end [simulate: {simulated}]")
    visitor.site.ended(task["id"])
    visitor.open_task(task["id"])
    for word in words:
        expect(visitor.state).to_contain_text(word)


def test_an_empty_answer_is_said_to_be_empty(visitor: Visitor) -> None:
    visitor.open_task(completed(visitor.site, "Say nothing [simulate: empty]"))
    visitor.reads("without writing any text")
    expect(visitor.state).to_contain_text("No text")
    expect(visitor.page.locator("main .tone-good:visible")).to_have_count(0)


def test_markup_in_a_question_is_only_text(visitor: Visitor) -> None:
    hostile = "<img src=x onerror=alert(1)><b>bold</b>"
    visitor.open_task(visitor.site.submit(hostile)["id"])
    expect(visitor.heading).to_have_text(hostile)
    expect(visitor.page.locator("main img, main b, nav b")).to_have_count(0)


def test_an_address_without_a_task_says_so(visitor: Visitor) -> None:
    visitor.open("#/tasks/task_00000000000000000000000000000000")
    expect(visitor.heading).to_have_text("Task not found")


def completed(site: Installation, question: str, developer: str = "") -> str:
    """The id of a task that has an answer."""
    instructions = [{"role": "developer", "content": developer}] if developer else []
    task_id: str = site.submit([*instructions, {"role": "user", "content": question}])["id"]
    site.until(task_id, "completed")
    return task_id


def answer_with(site: Installation, task_id: str, text: str, sources: int = 0) -> None:
    """Have the store hold another answer; its first word cites the sources."""
    key = f"backburner:task:{task_id}:response"
    response = orjson.loads(zlib.decompress(site.store.get(key) or b""))
    message = next(item for item in response["output"] if item["type"] == "message")
    notes = [
        {
            "type": "url_citation",
            "url": f"https://host{n}.example/",
            "title": f"Title {n}",
            "start_index": 0,
            "end_index": len(text.split(maxsplit=1)[0]),
        }
        for n in range(1, sources + 1)
    ]
    message["content"] = [{"type": "output_text", "text": text, "annotations": notes}]
    site.store.set(key, orjson.dumps(response))
