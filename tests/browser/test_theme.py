"""Light or dark as the system has it or as one chooses, from the first paint on."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page_object import Visitor

pytestmark = pytest.mark.browser

LIGHT, DARK = "rgb(245, 246, 244)", "rgb(19, 24, 23)"

FIRST_PAINT = """
new PerformanceObserver((list) => {
  if (!document.body || globalThis.firstPaper) return;
  globalThis.firstPaper = getComputedStyle(document.body).backgroundColor;
}).observe({ type: "paint", buffered: true });
"""


def _choose(page: Page, theme: str) -> None:
    page.get_by_role("combobox", name="Theme").select_option(theme)


def _paper(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def _bar(page: Page) -> str:
    """The colour that the browser gives its own bars."""
    colour: str = page.evaluate(
        "[...document.querySelectorAll('meta[name=theme-color]')]"
        ".find((meta) => matchMedia(meta.media).matches).content"
    )
    return colour


def test_without_a_choice_the_page_follows_the_system(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open()
    page.emulate_media(color_scheme="dark")
    assert (_paper(page), _bar(page)) == (DARK, "#131817")
    page.emulate_media(color_scheme="light")
    assert (_paper(page), _bar(page)) == (LIGHT, "#f5f6f4")


def test_a_choice_holds_against_the_system_from_the_first_paint_on(visitor: Visitor) -> None:
    page = visitor.page
    page.add_init_script(FIRST_PAINT)
    page.emulate_media(color_scheme="light")
    visitor.open()
    expect(visitor.heading).to_be_visible()
    _choose(page, "dark")
    assert (_paper(page), _bar(page)) == (DARK, "#131817")
    page.reload()
    page.wait_for_function("() => globalThis.firstPaper")
    assert page.evaluate("firstPaper") == DARK
    expect(page.get_by_role("combobox", name="Theme")).to_have_value("dark")
    _choose(page, "system")
    assert (_paper(page), _bar(page)) == (LIGHT, "#f5f6f4")


def test_a_choice_made_in_one_tab_is_seen_in_the_other(visitor: Visitor) -> None:
    visitor.open()
    expect(visitor.heading).to_be_visible()
    other = Visitor(visitor.page.context.new_page(), visitor.site)
    other.open()
    _choose(other.page, "dark")
    expect(visitor.page.locator("html")).to_have_attribute("data-theme", "dark")
