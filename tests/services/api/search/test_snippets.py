"""A snippet shows the words that a query found, as they were written."""

import pytest

from services.api.search.query import parse_terms
from services.api.search.snippets import HEAD_CHARS, SNIPPET_CHARS, Highlighter, head


def marked(query: str, prompt: str, answer: str = "") -> str | None:
    """The snippet with its matches in brackets."""
    snippet = Highlighter(parse_terms(query)).snippet(head(prompt), head(answer))
    if snippet is None:
        return None
    return "".join(f"[{part.text}]" if part.match else part.text for part in snippet.parts)


@pytest.mark.parametrize(
    ("query", "text", "shown"),
    [
        ("sky", "Why is the Sky blue?", "Why is the [Sky] blue?"),
        ("sky", "A skylight and a husky", None),
        ("sky blue", "Blue, says the sky.", "[Blue], says the [sky]."),
        ('"the sky"', "sky: the, the\nsky", "sky: the, [the sky]"),
        ("beca*", "Not cabecal, because", "Not cabecal, [because]"),
        ("cafe", "A CAFÉ nearby", "A [CAFÉ] nearby"),
        ("\uff41b", "ab and \uff21\uff22", "[ab] and [\uff21\uff22]"),
        ("東京", "住東京都 and 東 京", "住[東京]都 and [東 京]"),
        ("gpt日本", "the GPT日本 model", "the [GPT日本] model"),
        ("c++ a.b", "c a b", "[c] [a b]"),
        ("x", "<b>x</b> & [x]", "<b>[x]</b> & [[x]]"),
        ("emoji", "👩‍🚀 an emoji 👩‍🚀", "👩‍🚀 an [emoji] 👩‍🚀"),
    ],
)
def test_the_words_of_the_query_are_marked(query: str, text: str, shown: str | None) -> None:
    assert marked(query, text) == shown


def test_the_answer_comes_before_the_prompt() -> None:
    assert marked("tide", "A tide?", "The tide.") == "The [tide]."
    assert marked("tide", "A tide?", "The moon.") == "A [tide]?"


def test_a_snippet_is_short_and_begins_near_the_match_at_a_word() -> None:
    shown = marked("needle", "straw " * 1000 + "needle " + "hay " * 300)
    assert shown is not None
    assert shown.startswith("…straw straw straw")
    assert shown.index("[needle]") < 40
    assert shown.endswith("…")
    assert len(shown) < SNIPPET_CHARS + 10


def test_what_lies_too_deep_has_no_snippet_and_costs_nothing() -> None:
    assert marked("needle", "straw " * HEAD_CHARS + "needle") is None
    assert len(head("a " * 10**6)) <= HEAD_CHARS


def test_a_phrase_longer_than_a_snippet_is_cut() -> None:
    words = " ".join(["word"] * 40)
    shown = marked(f'"{words}"', words + " word" * 500)
    assert shown is not None
    assert len(shown) < 3 * SNIPPET_CHARS


def test_the_marks_of_markdown_are_left_out() -> None:
    answer = """# A *short* answer

**In short:** [the tide](https://e.com/a_(b)) turns, `snake_case` and 2*3 stay.

> - [x] a[0] | b
| a | b |
|---|---|
"""
    assert head(answer) == (
        "A short answer In short: the tide) turns, snake_case and 2*3 stay. - [x] a[0] b a b"
    )
