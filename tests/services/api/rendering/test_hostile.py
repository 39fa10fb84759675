"""Whatever an answer holds, its HTML runs nothing and loads nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.rendering.limits import MAX_MARKDOWN
from services.api.rendering.markdown import render
from services.api.rendering.sanitizer import sanitize
from shared.openai.answer import Citation
from tests.hostile_answers import ALL, FORMULAS, HTML, LINKS, MARKUP, MATHML

Read = Callable[[str], Any]


@pytest.mark.parametrize("markdown", HTML)
def test_html_is_text(markdown: str, read: Read) -> None:
    page = read(render(markdown))
    assert set(page.tags) <= {"p", "em", "code", "br", "a"}  # a * or ` in it is Markdown
    assert all(link.startswith(("https://", "http://www.w3.org/")) for link in page.links)


@pytest.mark.parametrize("html", [*HTML, *MATHML])
def test_the_sanitizer_alone_would_do(html: str, read: Read) -> None:
    read(sanitize(html))


@pytest.mark.parametrize("markdown", LINKS)
def test_an_address_that_is_not_the_web_or_mail_is_no_link(markdown: str, read: Read) -> None:
    within = {"https://e.com", "https://e.com/1"}  # of blob: and view-source:, as plain text
    assert set(read(render(markdown)).links) <= within


@pytest.mark.parametrize("markdown", [*MARKUP, *FORMULAS])
def test_markdown_carries_nothing_in(markdown: str, read: Read) -> None:
    read(render(markdown))


@pytest.mark.parametrize("inner", ALL)
@pytest.mark.parametrize(
    "outer", ["> {}", "- {}", "# {}", "**{}**", "[{}](https://e.com)", "|{}|\n|-|"]
)
def test_nothing_gets_in_through_a_container(outer: str, inner: str, read: Read) -> None:
    read(render(outer.format(inner)))


@pytest.mark.parametrize("markdown", ALL)
def test_a_citation_carries_nothing_in(markdown: str, read: Read) -> None:
    source = Citation(url=markdown, title=markdown, start_index=0, end_index=len(markdown) // 2)
    assert set(read(render(markdown, [source])).links) - set(read(render(markdown)).links) <= {
        "#source-1"
    }


def test_html_stays_readable(read: Read) -> None:
    assert read(render("Use `<b>` or <script>x</script> & go")).text == (
        "Use <b> or <script>x</script> & go\n"
    )


@pytest.mark.parametrize(
    "piece",
    [
        *(
            ">",
            "> ",
            "- ",
            "[",
            "![",
            "*",
            "_",
            "**a _b ",
            "a `",
            "a ~~",
            "<",
            "&#",
            "|",
            "\\",
            "([",
        ),
        *(
            "[^a]",
            "[^a]: ",
            "[^a]:\n",
            "https://",
            "https://a(",
            "**。",
            "- [ ] ",
            "<br",
            "|-",
            "$|",
        ),
    ],
)
def test_endless_nesting_comes_back_whole(piece: str, read: Read) -> None:
    markdown = piece * 3_000 + "last words"
    assert "last words" in read(render(markdown)).text


@pytest.mark.parametrize(
    "markdown", ["*" * 3_000 + "a" + "*" * 3_000, "![" * 800 + "a" + "](http://b)" * 800]
)
def test_endless_nesting_that_closes_comes_back(markdown: str, read: Read) -> None:
    assert "a" in read(render(markdown)).text


def test_what_the_parser_would_drop_for_its_depth_is_shown_as_plain_text(read: Read) -> None:
    page = read(render("> " * 150 + "deep <b>"))
    assert page.tags == ["pre"]
    assert page.text.endswith("deep <b>\n")


def test_one_long_address_named_often_does_not_multiply(read: Read) -> None:
    page = read(render(f"[a]: http://e.com/{'b' * 50_000}\n\n" + "[a]\n" * 1_000))
    assert page.tags == ["pre"]


def test_a_megabyte_is_the_most_that_is_parsed(read: Read) -> None:
    assert read(render("# a" + " " * (MAX_MARKDOWN - 3))).tags == ["h3"]
    assert read(render("# a" + " " * (MAX_MARKDOWN - 2))).tags == ["pre"]


def test_a_listing_too_long_to_colour_is_still_a_listing(read: Read) -> None:
    page = read(render("```python\n" + "x = 1\n" * 20_000 + "```"))
    assert page.tags == ["pre", "code"]


FRAGMENTS = st.sampled_from([*ALL, *"<>\"'&[]()!`*_~|#\n\0\\: -", "\n\n", "  \n"])


@given(st.one_of(st.text(), st.lists(st.one_of(FRAGMENTS, st.text(max_size=3))).map("".join)))
def test_any_text_gives_only_what_is_allowed(read: Read, markdown: str) -> None:
    read(render(markdown))
