"""A task in any script reads in its own direction, wherever its words stand."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.page_object import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

ARABIC = "كيف تعمل الذاكرة المخبئية؟ cache"
CHINESE = "缓存是怎样工作的请用一个简单的例子说明。"


def _direction(place: Locator) -> str:
    found: str = place.evaluate("(element) => getComputedStyle(element).direction")
    return found


@pytest.mark.parametrize(("words", "direction"), [(ARABIC, "rtl"), (CHINESE, "ltr")])
def test_words_run_as_their_script_does(visitor: Visitor, words: str, direction: str) -> None:
    page = visitor.page
    earlier = [
        {"role": "user", "content": words * 90},
        {"role": "assistant", "content": words},
        {"role": "user", "content": words * 90},
    ]
    task = visitor.site.submit("", input=earlier, title=words)["id"]
    visitor.site.ended(task)
    visitor.open_task(task)
    # The earlier answer is rendered, and is then no message-text.
    expect(page.locator(".message-text")).to_have_count(2)
    places = [
        visitor.heading,
        visitor.listed.filter(has_text=words).first.locator(".task-title"),
        *page.locator(".prompt-line").all(),
        *page.locator(".message-text").all(),
        page.locator(".message-assistant .answer-text"),
    ]
    assert [_direction(place) for place in places] == [direction] * len(places)
    visitor.open("#/tasks")
    row = visitor.rows.filter(has_text=words).first.locator(".row-title")
    expect(row).to_be_visible()
    assert _direction(row) == direction
    visitor.open()
    visitor.message.fill(words)
    assert _direction(visitor.message) == direction


def test_no_view_scrolls_sideways_for_words_without_spaces(visitor: Visitor) -> None:
    task = visitor.site.submit(CHINESE * 30, title=CHINESE * 9)["id"]
    visitor.site.ended(task)
    visitor.page.set_viewport_size({"width": 360, "height": 740})
    for address in (f"#/tasks/{task}", "#/tasks"):
        visitor.open(address)
        visitor.reads(CHINESE)
        sideways = "document.documentElement.scrollWidth > innerWidth"
        assert not visitor.page.evaluate(sideways), address
