"""An ordinary answer reads as its author meant it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from pygments.lexers import LEXERS

from services.api.rendering.highlighting import LANGUAGES
from services.api.rendering.markdown import render

Read = Callable[[str], Any]


@pytest.mark.parametrize(
    ("levels", "shown"),
    [((1, 2, 6, 1), (3, 4, 5, 3)), ((3, 2, 2, 4), (3, 3, 3, 4)), ((4, 3, 1, 5), (3, 3, 3, 4))],
)
def test_headings_leave_the_page_its_own_and_skip_no_level(
    levels: tuple[int, ...], shown: tuple[int, ...], read: Read
) -> None:
    page = read(render("\n\n".join(f"{'#' * level} A" for level in levels)))
    assert page.tags == [f"h{level}" for level in shown]


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
    assert html.startswith(
        '<pre class="code" data-language="python"><code class="language-python">'
    )
    assert '<span class="k">def</span>' in html


@pytest.mark.parametrize(
    ("info", "named"),
    [("", None), ("Brainfuck x", "brainfuck"), ("c++", "c++"), ("../python", None), ('a"b', None)],
)
def test_code_in_any_other_language_is_plain_and_names_it(info: str, named: str | None) -> None:
    attribute = f' data-language="{named}"' if named else ""
    assert render(f"```{info}\n\n  <b> & c\n```") == (
        f'<pre class="code"{attribute}><code>\n  &lt;b&gt; &amp; c\n</code></pre>\n'
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


@pytest.mark.parametrize(
    ("markdown", "links"),
    [
        ("see https://e.com/a_b?x=1. Or e.com.", ["https://e.com/a_b?x=1"]),
        ("(https://e.com/X_(y)), https://e.com/!", ["https://e.com/X_(y)", "https://e.com/"]),
        ("**https://e.com** and _HTTP://e.com_", ["https://e.com", "HTTP://e.com"]),
        (
            "见https://e.com/a。后\uff0chttps://e.com/b\uff08c\uff09",
            ["https://e.com/a", "https://e.com/b"],
        ),
        ("[see https://a.example](https://b.example)", ["https://b.example"]),
        ("`https://e.com` xhttps://e.com https:// https://(", []),
        ("|a|\n|-|\n|https://e.com|", ["https://e.com"]),
    ],
)
def test_a_bare_web_address_is_a_link(markdown: str, links: list[str], read: Read) -> None:
    page = read(render(markdown))
    assert page.links == links
    assert page.text.lower().count("http") == markdown.lower().count("http") - markdown.count(
        "](http"
    )
    assert "。" not in "".join(links)


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| $|x|$ | b |", ["|x|", "b"]),
        ("| $P(A|B)$ | `a|b` |", ["P(A|B)", "a|b"]),
        ("| `a || b` | ``c|d`` |", ["a || b", "c|d"]),
        ("| a | b | c | d |", ["a", "b | c | d"]),
        ("| $5 | $10 |", ["$5", "$10"]),
        ("| ` | ` |", ["`", "`"]),
        (r"| a\|b | `c\|d` |", ["a|b", "c|d"]),
        ("a | `b|c`", ["a", "b|c"]),
        ("| a |", ["a", ""]),
    ],
)
@pytest.mark.parametrize("outer", ["{}", "> {}", "- {}"])
def test_a_table_cell_loses_nothing(row: str, cells: list[str], outer: str, read: Read) -> None:
    indent = {"{}": "", "> {}": "> ", "- {}": "  "}[outer]
    html = render(f"{outer.format('| a | b |')}\n{indent}|:-|--:|\n{indent}{row}\n\nEnd | here")
    found = re.findall("<td[^>]*>(.*?)</td>", html, re.DOTALL)
    assert [read(cell).text for cell in found] == cells
    assert read(html).text.rstrip().endswith("End | here")


@pytest.mark.parametrize(
    ("header", "cells"),
    [("| $|x|$ | `a|b` |", ["|x|", "a|b"]), ("| a | b | c |", []), ("| `a` |", [])],
)
def test_only_a_header_of_all_columns_begins_a_table(
    header: str, cells: list[str], read: Read
) -> None:
    html = render(f"{header}\n|-|-|\n| c | d |")
    assert [read(cell).text for cell in re.findall("<th[^>]*>(.*?)</th>", html)] == cells


def test_pipes_elsewhere_stay_pipes(read: Read) -> None:
    markdown = "|a|b|\n|-|-|\n~~~x `a|b`\n`c|d`\n~~~\n\n[r]\n\n[r]: https://e.com/ '`a|b`'"
    assert "`c|d`" in read(render(markdown)).text
    assert "\0" not in render(markdown)
    assert "\ufffd" not in render(markdown)


@pytest.mark.parametrize(
    ("markdown", "strong"),
    [
        ("**重要\uff1a**说明", ["重要\uff1a"]),
        ("这是**“引用”**的**\uff08文\uff09**字", ["“引用”", "\uff08文\uff09"]),
        ("한국어**(강조)**입니다", ["(강조)"]),
        ("**『本』**と**A。**B", ["『本』", "A。"]),
        ("2 ** 3。** 4", []),
        ("a**(b)**c", []),
    ],
)
def test_bold_text_needs_no_space_beside_cjk(markdown: str, strong: list[str]) -> None:
    assert re.findall("<strong>(.*?)</strong>", render(markdown)) == strong


def test_a_line_break_is_kept_also_in_a_cell(read: Read) -> None:
    html = render("Roses are red\nViolets are blue\n\n|a|\n|-|\n|b<br>c<BR/>d|\n\n<br x>")
    assert html.count("<br>") == 3
    assert read(html).text.endswith("<br x>\n")


def test_a_task_list_shows_what_is_done(read: Read) -> None:
    html = render("- [ ] buy\n- [x] **sell**\n- [y] [ ]\n\n1. [X] hold")
    assert read(html).text.split("\n") == [
        "",
        "☐ buy",
        "☑ sell",
        "[y] [ ]",
        *["", ""],
        "☑ hold",
        "",
        "",
    ]
    assert html.count('<li class="task" dir="auto">') == 3


def test_footnotes_stand_at_the_end_in_the_order_of_their_references(read: Read) -> None:
    notes = "[^a]: First.\n[^1]: See [^deep].\n\n    More.\n[^deep]: Deep."
    page = read(render(f"One[^1], two[^a], one[^1], none[^b].\n\n{notes}\n[^x]: Unused.\n\nEnd."))
    words = " ".join(page.text.split())
    assert words == "One1, two2, one1, none[^b]. End. See 3. More. First. Deep. Unused."
    assert page.links == [f"#footnote-{number}" for number in (1, 2, 1, 3)]


def test_a_footnote_in_a_quotation_and_one_defined_twice(read: Read) -> None:
    page = read(render("> a[^1] ![b[^1]](https://e.com)\n>\n> [^1]: x\n\n[^1]: y"))
    assert page.links == ["#footnote-1", "https://e.com"]
    assert page.text.split() == ["a1", "b[^1]", "x", "y"]


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
