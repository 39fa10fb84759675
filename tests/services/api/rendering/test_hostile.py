"""Whatever an answer holds, its HTML runs nothing and loads nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.rendering.answer import MAX_MARKDOWN
from services.api.rendering.markdown import render
from services.api.rendering.sanitizer import sanitize
from shared.response import Citation

Read = Callable[[str], Any]

HTML = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img srcset='//evil.example/x 1x'>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="https://e.com" onclick="alert(1)">x</a>',
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<style>@import '//evil.example/x.css';</style>",
    '<p style="background:url(//evil.example)">x</p>',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object><embed src=//evil.example>",
    "<form action=//evil.example><input name=q><button>Go</button></form>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<template><script>alert(1)</script></template>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<!-- --><script>alert(1)</script> --><!--",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><!DOCTYPE html>",
    "</p></div></main><script>alert(1)</script>",
    "<b><i></b></i><p><table><tr><p></table>",
    "<textarea></textarea><title></title><xmp></xmp><plaintext>",
    "<div id=location name=cookie>",
    "<a\x00 href=javascript:alert(1)>x",
    "<\x00script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#x3c;/script&#x3E;",
    "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
]
LINKS = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](  javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](<java\tscript:alert(1)>)",
    "[x](java&#x0A;script:alert(1))",
    "[x](java%0ascript:alert(1))",
    "[x](&#106;&#97;vascript:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](\x00javascript:alert(1))",
    "[x](\u2028javascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](VBSCRIPT:msgbox(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://e.com/1)",
    "[x](view-source:https://e.com)",
    "[x](//evil.example)",
    "[x](/v1/tasks)",
    "[x](\\\\evil.example)",
    "[x](https:javascript:alert(1))",
    "[x](https:evil.example)",
    "[x](#source-1)",
    "[x](?delete)",
    "[x]()",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "[x][r]\n\n[r]: <data:text/html,x> 'title'",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "![x][r]\n\n[r]: vbscript:msgbox(1)",
    "[x](https://[)",
    "[x](http://)",
]
MARKUP = [
    '![x" onerror="alert(1)](https://e.com/x.png "t" onload="alert(1)")',
    '![](https://e.com/?q="><script>alert(1)</script>)',
    '![<script>](<https://e.com/"onerror=alert(1)>)',
    "[x](https://e.com '\"><script>alert(1)</script>')",
    "[x](https://e.com \"' onmouseover='alert(1)\")",
    "[<script>alert(1)</script>](https://e.com)",
    "[![x](https://e.com/x.png)](https://e.com)",
    "[[x](https://a.example)](https://b.example)",
    '<https://e.com/"onclick=alert(1)>',
    "<https://e.com/?a=<b>>",
    "<a@b.example?subject=x>",
    "[x](mailto:a@b.example?body=<script>)",
    '```"><script>alert(1)</script>\nx\n```',
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "```python onload=alert(1)\nprint('</span><script>')\n```",
    "``` language-x citation\nx\n```",
    "~~~'\"><img src=x onerror=alert(1)>\nx\n~~~",
    "`</code><script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "# <script>alert(1)</script> {#id onclick=alert(1)}",
    "|<script>|<img src=x onerror=alert(1)>|\n|:-:|--:|\n|</table><script>|`|`|",
    "[x]: https://e.com '<script>'\n\n[x] [<b>]: y",
    "**<script>*alert(1)**</script>*",
    "> <script>\nalert(1)\n> </script>",
    "- <div>\n  - </ul></div>\n\n    <script>",
    "1. a\n99999999999. b\n<li onclick=alert(1)>",
    "a\\<script>\\\n<br onclick=alert(1)>",
    "\u202e<script>\u2066\ufeff\ufffe</script>",
]


@pytest.mark.parametrize("markdown", HTML)
def test_html_is_text(markdown: str, read: Read) -> None:
    page = read(render(markdown))
    assert set(page.tags) <= {"p"}


@pytest.mark.parametrize("html", HTML)
def test_the_sanitizer_alone_would_do(html: str, read: Read) -> None:
    read(sanitize(html))


@pytest.mark.parametrize("markdown", LINKS)
def test_an_address_that_is_not_the_web_or_mail_is_no_link(markdown: str, read: Read) -> None:
    assert read(render(markdown)).links == []


@pytest.mark.parametrize("markdown", MARKUP)
def test_markdown_carries_nothing_in(markdown: str, read: Read) -> None:
    read(render(markdown))


@pytest.mark.parametrize("inner", [*HTML, *LINKS, *MARKUP])
@pytest.mark.parametrize(
    "outer", ["> {}", "- {}", "# {}", "**{}**", "[{}](https://e.com)", "|{}|\n|-|"]
)
def test_nothing_gets_in_through_a_container(outer: str, inner: str, read: Read) -> None:
    read(render(outer.format(inner)))


@pytest.mark.parametrize("markdown", [*HTML, *LINKS, *MARKUP])
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
    [">", "> ", "- ", "[", "![", "*", "_", "**a _b ", "a `", "a ~~", "<", "&#", "|", "\\", "(["],
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
    assert read(render("# a" + " " * (MAX_MARKDOWN - 3))).tags == ["h2"]
    assert read(render("# a" + " " * (MAX_MARKDOWN - 2))).tags == ["pre"]


def test_a_listing_too_long_to_colour_is_still_a_listing(read: Read) -> None:
    page = read(render("```python\n" + "x = 1\n" * 20_000 + "```"))
    assert page.tags == ["pre", "code"]


FRAGMENTS = st.sampled_from([*HTML, *LINKS, *MARKUP, *"<>\"'&[]()!`*_~|#\n\0\\: -", "\n\n", "  \n"])


@given(st.one_of(st.text(), st.lists(st.one_of(FRAGMENTS, st.text(max_size=3))).map("".join)))
def test_any_text_gives_only_what_is_allowed(read: Read, markdown: str) -> None:
    read(render(markdown))
