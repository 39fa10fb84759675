"""The answer is the page: what stands where, what stays in sight, and where the keys lead."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.page_object import Visitor
from tests.browser.test_reading import answer_with, completed

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

WIDE = "|" + "|".join(f"Column {n}" for n in range(10)) + "|\n" + "|-" * 10 + "|\n"
WIDE += ("|" + "|".join(["A sentence that is long enough to wrap."] * 10) + "|\n") * 2
CODE = "```python\n" + "x = 1  # " + "a long comment " * 20 + "\n```\n"
SECTIONS = "".join(f"## Part {n}\n\n" + "Word after word. " * 120 + "\n\n" for n in range(6))


@pytest.fixture
def answered(visitor: Visitor) -> Visitor:
    """A rich answer, open at the size of a small laptop."""
    visitor.page.set_viewport_size(ViewportSize(width=1280, height=800))
    task = completed(visitor.site, "Who says so?", developer="Be brief.")
    answer_with(visitor.site, task, f"Opening.\n\n{SECTIONS}{WIDE}\n{CODE}", sources=3)
    visitor.open_task(task)
    expect(visitor.answer.locator(".answer-text:not([aria-busy])")).to_be_visible()
    return visitor


def test_the_answer_begins_in_the_upper_part_of_the_window(answered: Visitor) -> None:
    first = answered.answer.get_by_text("Opening.").bounding_box()
    assert first
    assert first["y"] + first["height"] < 300
    assert 500 < first["width"] < 680, "a column to be read in"


def test_the_question_is_a_quote_that_unfolds(answered: Visitor) -> None:
    question = answered.page.get_by_role("region", name="Question")
    expect(question.get_by_text("Be brief.")).to_be_hidden()
    fold = question.get_by_role("button", name="Show all, 2 messages")
    fold.click()
    expect(question.get_by_text("Be brief.")).to_be_visible()
    expect(question.get_by_role("button", name="Show less")).to_have_attribute(
        "aria-expanded", "true"
    )


def test_the_bar_stays_and_leads_to_the_follow_up(answered: Visitor) -> None:
    answered.answer.get_by_role("heading", name="Part 5").scroll_into_view_if_needed()
    expect(answered.heading).to_be_in_viewport()
    answered.page.get_by_role("button", name="Follow up", exact=True).click()
    expect(answered.page.get_by_role("textbox", name="Follow up")).to_be_focused()


def test_the_outline_marks_what_is_read(answered: Visitor) -> None:
    outline = answered.page.get_by_role("navigation", name="Contents")
    expect(outline.get_by_role("button")).to_have_text(
        [*(f"Part {n}" for n in range(6)), "Sources (3)"]
    )
    outline.get_by_role("button", name="Part 3").click()
    expect(answered.answer.get_by_role("heading", name="Part 3")).to_be_focused()
    expect(outline.locator("[aria-current]")).to_have_text("Part 3")


def test_on_a_phone_the_outline_is_a_sheet(answered: Visitor) -> None:
    answered.page.set_viewport_size(ViewportSize(width=390, height=844))
    outline = answered.page.get_by_role("navigation", name="Contents")
    expect(outline).to_be_hidden()
    answered.page.get_by_role("button", name="Contents").click()
    outline.get_by_role("button", name="Part 4").click()
    expect(outline).to_be_hidden()
    expect(answered.answer.get_by_role("heading", name="Part 4")).to_be_in_viewport()
    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert answered.page.evaluate(wide), "nothing scrolls the page sideways"


def test_back_returns_from_a_source_to_its_citation(answered: Visitor) -> None:
    address = answered.page.url
    citation = answered.answer.get_by_role("link", name="Source 2")
    citation.click()
    expect(answered.page.locator("#source-2")).to_be_focused()
    answered.page.go_back()
    expect(citation).to_be_focused()
    answered.page.go_forward()
    expect(answered.page.locator("#source-2")).to_be_focused()
    assert answered.page.url == address


def test_a_citation_shows_the_title_and_host_of_its_source(answered: Visitor) -> None:
    card = answered.page.get_by_role("tooltip")
    answered.answer.get_by_role("link", name="Source 3").focus()
    expect(card).to_have_text("Title 3host3.example")
    answered.page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    answered.answer.get_by_role("link", name="Source 1").hover()
    expect(card).to_contain_text("host1.example")


def test_only_what_can_be_used_takes_the_focus(answered: Visitor) -> None:
    stops = answered.answer.locator("[tabindex='0'], a:not([tabindex]), button")
    expect(answered.answer.locator(".section-link:not([tabindex='-1'])")).to_have_count(0)
    names = stops.evaluate_all("(all) => all.map((it) => it.getAttribute('aria-label') ?? '')")
    assert "Code, Python, scrolls sideways" in names
    wrap = answered.answer.get_by_role("button", name="Wrap the lines of the code")
    wrap.click()
    expect(answered.answer.locator("pre")).not_to_have_attribute("tabindex", "0")


def test_a_wide_table_may_exceed_the_column_and_its_cells_stay_readable(answered: Visitor) -> None:
    answered.page.set_viewport_size(ViewportSize(width=1800, height=900))
    box = answered.answer.locator(".table-box")
    expect(box).to_have_class(re.compile("wide"))
    expect(box).to_have_attribute("aria-label", "Table, scrolls sideways")
    size, column = box.bounding_box(), answered.answer.bounding_box()
    cell = box.locator("td").first.bounding_box()
    assert size
    assert column
    assert cell
    assert size["width"] > column["width"] + 100
    assert cell["width"] >= 12 * 16


def test_paper_shows_what_is_folded_and_cuts_nothing(answered: Visitor) -> None:
    page: Page = answered.page
    page.set_viewport_size(ViewportSize(width=794, height=1123))
    page.emulate_media(media="print")
    expect(page.get_by_text("Be brief.")).to_be_visible()
    for part in answered.answer.locator("table, pre").all():
        size = part.bounding_box()
        assert size
        assert size["x"] >= 0
        assert size["x"] + size["width"] <= 794 + 1
