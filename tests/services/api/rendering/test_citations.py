"""A marker stands behind what it proves, and changes nothing else."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.rendering.markdown import render
from shared.openai.answer import Citation

Read = Callable[[str], Any]
MARKER = re.compile(r'<sup><a class="citation"[^>]*>(\d+)</a></sup>')


def cite(markdown: str, *passages: str) -> list[Citation]:
    """Cites each passage where it first stands, each from a source of its own."""
    starts = [markdown.index(passage) for passage in passages]
    return [
        Citation(f"https://e.com/{passage}", "T", start, start + len(passage))
        for start, passage in zip(starts, passages, strict=True)
    ]


def text(markdown: str, *citations: Citation) -> str:
    """The answer's text with each marker as ``⟦n⟧``."""
    return re.sub("<[^>]*>", "", MARKER.sub(r"⟦\1⟧", render(markdown, citations))).strip()


def test_a_marker_names_its_source() -> None:
    source = Citation("https://e.com", 'A "title" <b>', 0, 1)
    assert render("a b", [source]) == (
        '<p dir="auto">a<sup><a class="citation" href="#source-1"'
        ' title="A &quot;title&quot; &lt;b&gt;" aria-label="Source 1"'
        ' rel="noopener noreferrer nofollow">1</a></sup> b</p>\n'
    )


def test_the_link_that_the_provider_writes_stays_before_its_marker(read: Read) -> None:
    markdown = "Water is wet. ([e.com](https://e.com/?utm_source=openai)) More."
    citations = cite(markdown, "([e.com](https://e.com/?utm_source=openai))")
    assert text(markdown, *citations) == "Water is wet. (e.com)⟦1⟧ More."
    assert read(render(markdown, citations)).links == [
        "https://e.com/?utm_source=openai",
        "#source-1",
    ]


def test_sources_are_numbered_by_address_in_the_order_given() -> None:
    sources = [Citation(url, "", n, n + 1) for n, url in [(0, "b"), (2, "a"), (4, "b")]]
    assert text("1 2 3", *sources) == "1⟦1⟧ 2⟦2⟧ 3⟦1⟧"


def test_addresses_that_differ_in_tracking_only_are_one_source() -> None:
    """The page's sources.js numbers the same addresses alike, see answer.test.js."""
    groups = [
        [
            "https://e.com/a",
            "https://e.com/a?utm_source=openai",
            "https://e.com/a?gclid=1&FBCLID=2",
        ],
        ["https://e.com/a?id=1", "https://e.com/a?utm_medium=x&id=1&&utm_source"],
        ["https://e.com/a?ref=main", "https://e.com/a?ref=main&utm_source=openai"],
        ["https://e.com/a#b", "https://e.com/a?utm_source=openai#b"],
        ["https://e.com/a#b?utm_source=x"],
        ["https://e.com/a?utmost=1"],
    ]
    urls = [(url, number) for number, group in enumerate(groups, 1) for url in group]
    citations = [Citation(url, "T", at, at + 1) for at, (url, _) in enumerate(urls)]
    shown = [int(number) for number in MARKER.findall(render("x" * len(urls), citations))]
    assert shown == [number for _, number in urls]


def test_a_citation_without_a_place_still_has_its_number() -> None:
    assert text("1 2", Citation("a", "", None, None), Citation("b", "", 0, 1)) == "1⟦2⟧ 2"


def test_a_place_without_a_passage_is_marked_after_the_word_before_it() -> None:
    assert text("One two \n\nthree", Citation("a", "", 4, 4), Citation("b", "", 8, 8)) == (
        "One⟦1⟧ two⟦2⟧\nthree"
    )


@pytest.mark.parametrize(
    ("markdown", "passage", "expected"),
    [
        ("**a ([t](http://u))** b", "([t](http://u))", "a (t)⟦1⟧ b"),
        ("这是**引用**的文字", "引用", "这是引用⟦1⟧的文字"),
        ("🧑‍🍳 é ok, more", "🧑‍🍳 é ok", "🧑‍🍳 é ok⟦1⟧, more"),
        ("- one\n- two\n  three\n- four", "two\n  three", "one\ntwo\nthree⟦1⟧\nfour"),
        ("> > quoted\n> > again", "again", "quoted\nagain⟦1⟧"),
        ("1. 1\n2. 2", "2. 2", "1\n2⟦1⟧"),
        ("# Head #\n\nbody", "Head", "Head⟦1⟧\nbody"),
        ("a\r\nb\rc d", "c", "a\nb\nc⟦1⟧ d"),
        ("one\n\ntwo", "one\n\n", "one⟦1⟧\ntwo"),
        ("a  \nb", "a  ", "a⟦1⟧\nb"),
        ("|a|a|\n|-|-|\n|a|x \\| y|", "a|a", "a\na⟦1⟧\n\n\n\n\na\nx | y"),
        ("|one two|one two|\n|-|-|", "one two|one", "one two\none⟦1⟧ two"),
        ("[one two](http://u) three", "[one", "one two⟦1⟧ three"),
        ("one `two three` four", "two", "one two three four⟦1⟧"),
        ("[a](http://u/long/path) b", "[a](http://u/lo", "a b⟦1⟧"),
        ("one &amp; two", "one &a", "one &amp; two⟦1⟧"),
        ("one\n\n```\ntwo\n```\n\nthree", "two", "one⟦1⟧\ntwo\n\nthree"),
        ("```\ntwo\n```\n\nthree\n\nfour", "two", "two\n\nthree⟦1⟧\nfour"),
        ("one\n\n[r]: http://u\n\ntwo [r]", "[r]: http", "one⟦1⟧\ntwo r"),
    ],
)
def test_a_marker_follows_its_passage(markdown: str, passage: str, expected: str) -> None:
    assert text(markdown, *cite(markdown, passage)) == expected


def test_a_marker_that_cannot_stand_does_not_move_the_others() -> None:
    markdown = "one `two` three. Four"
    assert text(markdown, *cite(markdown, "`tw", "three")) == "one two three⟦2⟧. Four⟦1⟧"


def test_code_alone_has_no_place_for_a_marker() -> None:
    assert text("```\na\n```", Citation("u", "", 4, 5)) == "a"


@pytest.mark.parametrize(
    ("start", "end"), [(-5, -1), (-1, 2), (2, 1), (0, 4), (9, 10), (-(2**70), 2**70)]
)
def test_indexes_that_make_no_sense_are_passed_over(start: int, end: int) -> None:
    assert text("abc", Citation("u", "", start, end)) == "abc"


def test_overlapping_passages_have_a_marker_each() -> None:
    sources = [Citation(url, "", 0, end) for url, end in [("a", 3), ("b", 2), ("c", 3), ("a", 3)]]
    assert text("abc", *sources) == "ab⟦2⟧c⟦1⟧⟦3⟧"


@pytest.mark.parametrize("forgery", ["\0", "&#0;", "<https://e.com/%00>", "\ue000", "a\0b"])
def test_an_answer_cannot_write_a_marker(forgery: str) -> None:
    markdown = f"real {forgery} end"
    assert text(markdown, *cite(markdown, "real")).count("⟦") == 1


PIECES = st.sampled_from(
    [
        *("a", "b c", "é", "你", "。", " ", "    ", "\t", "  \n", "\n", "\n\n", "\r\n", "\0"),
        *("**", "*", "_", "~~", "`", "\\", "&amp;", "[", "](http://u)", "![", "<http://u>", "[r]"),
        *("[r]: http://u\n", "> ", "- ", "1. ", "# ", "==\n", "---\n", "|", "|-|-|\n", "```\n"),
    ]
)
INDEX = st.integers(-3, 60)
CITED = st.builds(Citation, st.sampled_from("uvw"), st.just(""), INDEX, INDEX)


@given(st.lists(PIECES, max_size=30).map("".join), st.lists(CITED, max_size=6))
def test_markers_change_nothing_else(read: Read, markdown: str, citations: list[Citation]) -> None:
    html = render(markdown, citations)
    read(html)
    assert MARKER.sub("", html) == render(markdown)
