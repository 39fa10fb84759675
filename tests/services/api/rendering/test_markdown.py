"""An ordinary answer reads as its author meant it."""

from collections.abc import Callable
from typing import Any

import pytest
from pygments.lexers import LEXERS

from services.api.rendering.highlighting import LANGUAGES
from services.api.rendering.markdown import render

Read = Callable[[str], Any]


def test_headings_leave_the_page_its_h1() -> None:
    html = render("# A\n\n## B\n\n###### C\n\nD\n===")
    assert html == (
        '<h2 dir="auto">A</h2>\n<h3 dir="auto">B</h3>\n'
        '<h6 dir="auto">C</h6>\n<h2 dir="auto">D</h2>\n'
    )


def test_lists_nest_and_keep_their_first_number() -> None:
    html = render("3. a\n   - b\n     - c\n4. d").replace(' dir="auto"', "").replace("\n", "")
    assert html == ('<ol start="3"><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ol>')


def test_columns_are_aligned_by_class() -> None:
    html = render("|a|b|c|d|\n|:-|:-:|-:|-|\n|1|2|3|4|").replace(' dir="auto"', "")
    assert '<th class="align-left">a</th>' in html
    assert '<td class="align-center">2</td>' in html
    assert '<td class="align-right">3</td>' in html
    assert "<td>4</td>" in html


def test_code_in_a_known_language_is_coloured_by_class() -> None:
    html = render("```Python title=x\ndef f(): ...\n```")
    assert html.startswith('<pre class="code"><code class="language-python">')
    assert '<span class="k">def</span>' in html


@pytest.mark.parametrize("info", ["", "brainfuck", "html+jinja", "../python", "Python;"])
def test_code_in_any_other_language_is_plain(info: str) -> None:
    assert render(f"```{info}\n\n  <b> & c\n```") == (
        '<pre class="code"><code>\n  &lt;b&gt; &amp; c\n</code></pre>\n'
    )


def test_code_keeps_its_characters(read: Read) -> None:
    code = "\n\n  x = '<&>' \n\n\ty\n"
    for language in LANGUAGES:
        assert read(render(f"```{language}\n{code}```")).text.rstrip("\n") == code.rstrip("\n")


def test_every_language_is_one_that_the_highlighter_ships() -> None:
    aliases = {alias for _, _, names, _, _ in LEXERS.values() for alias in names}
    assert aliases >= LANGUAGES


def test_a_link_opens_beside_the_page_and_tells_nobody_where_from() -> None:
    assert render('[a](https://e.com/?q=1&r=2 "title")') == (
        '<p dir="auto"><a href="https://e.com/?q=1&amp;r=2" target="_blank"'
        ' rel="noopener noreferrer nofollow">a</a></p>\n'
    )


def test_mail_and_bracketed_addresses_are_links(read: Read) -> None:
    page = read(render("<a@b.example> <https://e.com> [c](MAILTO:c@d.example)"))
    assert page.links == ["mailto:a@b.example", "https://e.com", "MAILTO:c@d.example"]


def test_a_bare_address_stays_text(read: Read) -> None:
    assert read(render("see https://e.com or e.com")).links == []


def test_an_image_is_a_link_that_nobody_has_to_load(read: Read) -> None:
    page = read(render("![a *big*\ncat](https://e.com/c.png) ![](https://e.com/d.png)"))
    assert page.links == ["https://e.com/c.png", "https://e.com/d.png"]
    assert page.text == "a big cat https://e.com/d.png\n"


def test_an_image_in_a_link_is_its_text(read: Read) -> None:
    page = read(render("[![cat](https://e.com/c.png)](https://e.com)"))
    assert (page.links, page.text) == (["https://e.com"], "cat\n")


def test_a_refused_address_is_left_to_be_read(read: Read) -> None:
    assert read(render("[x](javascript:y) ![z](/z)")).text == "[x](javascript:y) ![z](/z)\n"


@pytest.mark.parametrize(
    "prose",
    [
        "It costs $5 and $10 more.",
        "مرحبا بالعالم، Backburner 1.0",
        "שלום עולם",
        "你好。世界。",
        "がんばって、🧑‍🍳!",
        "x_i and snake_case_name",
        "near\u2011future",
    ],
)
def test_prose_stays_prose(prose: str, read: Read) -> None:
    assert read(render(prose)).text == f"{prose}\n"


def test_emphasis_strikethrough_breaks_and_rules(read: Read) -> None:
    page = read(render("*a* **b** ~~c~~\\\nd\n\n---\n\n> e"))
    assert page.tags == ["p", "em", "strong", "s", "br", "hr", "blockquote", "p"]


def test_a_long_answer_arrives_whole(read: Read) -> None:
    page = read(render("\n\n".join(f"## {n}\n\n- word **{n}**" for n in range(2_000))))
    assert page.tags.count("h3") == 2_000
    assert page.text.rstrip().endswith("word 1999")


def test_an_empty_answer_is_empty() -> None:
    assert render("") == ""
