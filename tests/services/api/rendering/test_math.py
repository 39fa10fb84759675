"""Formulas are drawn, prices stay prices, and what cannot be drawn is not lost."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.rendering.markdown import render
from services.api.rendering.mathml import MAX_LATEX
from shared.openai.answer import Citation

Read = Callable[[str], Any]

INLINE = [
    r"$S^+$",
    r"设\(x\)为",
    r"$5$",
    r"$x_1$",
    r"$e^{i\pi}+1=0$",
    r"\(a \le b\)",
    "$x$",
    r"$\$5 \text{ a day}$",
    "**$x$**",
    "[$x$](#)",
]
DISPLAY = [
    "$$x = 1$$",
    r"so \[x = 1\] holds",
    "$$\n\\begin{align}\na &= b \\\\\n- c &= d\n\\end{align}\n$$",
    "Then:\n\\[\n+ x\n= y^2\n\\]\nand on.",
    "- item\n\n  $$x^2\n  + y$$",
    "> \\[\n> a = b\n> \\]",
    "$$ a $$\n\n$$ b_1 $$",
]
PROSE = [
    "It costs $5 and $10, or $5-$10, 5$ and 10$; $5 and 10$.",
    "US$5/A$6, ($5) or ($6), $1.50 to $2.50, $5/kg and 3$/kg",
    "$HOME and $PATH, $A/$B, $AAPL/$MSFT",
    r"\$x\$ and `$x$`",
    r"Smith \[1\], \[see there\] and \(as he says\)",
    r"$5_000$, $12_500_000.50$ and ($2bn+$), $5-$, $3 m+$",
    r"foo\(bar\), set_a\(b=c\) and f\(x\)",
    r"\[text\]\(https://e.com/a=b\)",
    "$ x $ and $$ and $$$$ and $",
    "    $$x$$",
    "```\n$x$\n```",
]
NOT_DRAWN = [
    r"$\unknown{x}$",
    r"$\frac{1}{$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$$\class{x}{y} = \style{color:red}{z} \unicode{x}$$",
    r"\(\def\a{\a\a}\a\)",
    r"\[\newcommand{\b}{" + "xyz" * 900 + "}" + r"\b" * 99 + r"\]",
    "$" + "x^{" * 90 + "}" * 90 + "$",
    "$" + "x+" * MAX_LATEX + "$",
    "$$\n\\unknown\n$$",
]


@pytest.mark.parametrize("markdown", INLINE)
def test_a_formula_in_a_line_is_drawn_in_it(markdown: str, read: Read) -> None:
    html = render(markdown)
    assert "math" in read(html).tags
    assert "display" not in html


@pytest.mark.parametrize("markdown", DISPLAY)
def test_a_formula_of_its_own_is_drawn_as_a_block(markdown: str, read: Read) -> None:
    html = render(markdown)
    assert read(html).tags.count("math") == html.count('<math display="block">') > 0
    assert not {"h3", "pre", "code"} & set(read(html).tags)


@pytest.mark.parametrize("markdown", PROSE)
def test_money_variables_and_escaped_brackets_stay_text(markdown: str, read: Read) -> None:
    page = read(render(markdown))
    assert "math" not in page.tags
    signs = markdown.replace("\\", "").count("$")
    assert page.text.count("$") == signs


@pytest.mark.parametrize("markdown", NOT_DRAWN)
def test_what_cannot_be_drawn_is_shown_as_its_source(markdown: str, read: Read) -> None:
    page = read(render(f"Begin\n\n{markdown}\n\nEnd"))
    assert "code" in page.tags
    assert "math" not in page.tags
    assert markdown in page.text
    assert page.text.endswith("End\n")


def test_a_table_keeps_its_lines_and_sides_without_a_style(read: Read) -> None:
    html = render(r"$\begin{array}{l|r}a&b\\\hline c&d\end{array}$")
    read(html)
    assert " style=" not in html
    assert '<mtd class="align-left line-right">' in html
    assert '<mtd class="line-top align-left line-right">' in html


def test_a_citation_of_a_formula_is_marked_behind_it(read: Read) -> None:
    markdown = "Thus $e = mc^2$ holds."
    source = Citation(url="https://e.com", title="E", start_index=6, end_index=11)
    page = read(render(markdown, [source]))
    assert page.tags.count("math") == page.tags.count("sup") == 1
    assert page.links == ["#source-1"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "markdown",
    [
        *("$x$ " * 100_000, "$a " * 300_000, "$$ " * 300_000, "$$\n" * 150_000),
        *(r"\(" * 400_000, "\\[\n" * 150_000, "\\[ x=\n" * 100_000, "$$x=\n" * 100_000),
        *("$" + "{" * 2_900 + "$", "$" + "{" * 90_000 + "$", r"$\hat " * 30_000 + "$"),
        r"$\newcommand{\d}[1]{#1#1}" + r"\d{" * 60 + "x" + "}" * 60 + "$",
    ],
)
def test_hostile_formulas_take_a_bounded_time(markdown: str) -> None:
    began = time.process_time()
    assert render(markdown)
    assert time.process_time() - began < 10  # of the limit's seconds; most take one


LATEX = st.sampled_from(
    r"""
    $ $$ \( \) \[ \] \frac \sqrt { } ^ _ & \\ \left( \right) \begin{matrix} \end{matrix} \text{ x 1
    \href{javascript:alert(1)}{x} <img src=x onerror=alert(1)> " ' style="x" </math> <mglyph> --> #
    \newcommand{\a}{\a} \a \boxed{ \mathbb{ \color{red} \hspace{9em} \tag{1} \label{x} \int \limits
    """.split()  # noqa: SIM905 - a list would take a line for each
)


@given(st.lists(st.one_of(LATEX, st.text(max_size=2))).map(" ".join))
def test_any_latex_gives_only_what_is_allowed(read: Read, latex: str) -> None:
    for outer in (f"${latex}$", f"$$\n{latex}\n$$", f"\\({latex}\\)", latex):
        read(render(outer))
