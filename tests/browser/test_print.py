"""On paper nothing is cut: wide tables, code, formulas, sources and earlier turns are whole."""

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.page_object import Visitor
from tests.browser.test_reading import answer_with, completed
from tests.browser.test_thread import follow

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

COLUMNS = 10
SOURCES = 30
PAPER = ViewportSize(width=642, height=970)
"""What a margin of 2 cm leaves of A4, in CSS pixels."""

TABLE = "\n".join(
    [
        "|" + "|".join(f"Heading {column}" for column in range(COLUMNS)) + "|",
        "|" + "---|" * COLUMNS,
        *(
            "|"
            + "|".join(
                f"cell {row}.{column} Donaudampfschiff {10**column}" for column in range(COLUMNS)
            )
            + "|"
            for row in range(12)
        ),
    ]
)
CODE = "```python\n" + f"total = {' + '.join(f'figure_{n}' for n in range(30))}\n" * 3 + "```"
FORMULAS = "\n\n".join(
    [
        r"Inline $\sqrt{x^2 + y^2}$ and a display:",
        r"$$\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}$$",
        "$$" + " + ".join(rf"\frac{{a_{{{n}}}}}{{b_{{{n}}}}}" for n in range(40)) + " = 1$$",
        r"$$\begin{pmatrix} "
        + r" \\ ".join(" & ".join(f"m_{{{r}{c}}}" for c in range(12)) for r in range(4))
        + r" \end{pmatrix}$$",
    ]
)
LONG = "https://example.org/" + "path/" * 40
ANSWER = "\n\n".join(
    ["Opening.", "## Table", TABLE, "## Code", CODE, "## Formulas", FORMULAS, f"See {LONG}"]
)

CUT = """() => {
  const wide = document.documentElement.clientWidth;
  const shown = [...document.querySelectorAll("main *")].filter((each) => each.checkVisibility());
  const text = (each) => (each.textContent ?? "").slice(0, 40);
  const name = (each) => `${each.tagName}.${each.getAttribute("class")}: ${text(each)}`;
  const beyond = shown.filter((each) => {
    const { left, right, width } = each.getBoundingClientRect();
    return width > 1 && (left < -1 || right > wide + 1);
  });
  const hidden = shown.filter((each) => {
    const { overflowX, overflowY } = getComputedStyle(each);
    const isWider = overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1;
    const isHigher = overflowY !== "visible" && each.scrollHeight > each.clientHeight + 1;
    return each.clientWidth > 1 && (isWider || isHigher);
  });
  return { beyond: beyond.map(name), hidden: hidden.map(name) };
}"""


def test_a_rich_thread_of_three_turns_is_printed_whole(visitor: Visitor) -> None:
    page = visitor.page
    first = completed(visitor.site, "How is a tide table computed?")
    answer_with(visitor.site, first, ANSWER, sources=SOURCES)
    second = follow(visitor.site, first, "Once more, please, " + "with every figure, " * 30)
    answer_with(visitor.site, second, ANSWER, sources=SOURCES)
    third = follow(visitor.site, second, "And for a lake?")
    visitor.open_task(third)
    expect(
        page.locator(".turns > .turn:not([hidden]) .answer-text:not([aria-busy])")
    ).to_have_count(2)
    expect(visitor.answer.locator(".answer-text:not([aria-busy])")).to_be_visible()
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    for number in range(12):
        for column in range(COLUMNS):
            expect(page.get_by_role("cell", name=f"cell {number}.{column} ").first).to_be_visible()
    expect(page.locator(".turns .sources > li:visible")).to_have_count(2 * SOURCES)
    expect(page.locator(".prompt-full").nth(1)).to_contain_text("with every figure, " * 30)
    assert page.evaluate(CUT) == {"beyond": [], "hidden": []}
    page.emulate_media(media=None)
    assert page.pdf(format="A4").count(b"/Type /Page\n") > 5
