"""Renders an answer's Markdown, which is untrusted: the model has read the open web."""

import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from services.api.rendering.citations import citations_plugin, markers
from services.api.rendering.highlighting import code_block
from services.api.rendering.limits import MAX_MARKDOWN, preformatted
from services.api.rendering.math import formulas_plugin
from services.api.rendering.sanitizer import sanitize
from shared.openai.answer import Citation

# A long URL that many short references name would multiply the size a thousandfold.
_MAX_EXPANDED = 4 * MAX_MARKDOWN
# The parser drops deeper content; such an answer is shown as plain text instead.
_MAX_NESTING = 100
_WEB_OR_MAIL = re.compile(r"https?://|mailto:", re.IGNORECASE)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's hook
        return _WEB_OR_MAIL.match(url) is not None


def _parser() -> MarkdownIt:
    options = {"html": False, "maxNesting": _MAX_NESTING, "highlight": code_block}
    md = _Parser("commonmark", options).enable(["table", "strikethrough"])
    md.use(formulas_plugin).use(citations_plugin)
    md.core.ruler.push("page", _fit_page)
    return md


def render(markdown: str, citations: Sequence[Citation] = ()) -> str:
    """Return a fragment of allow-listed HTML without inline style, script, image or id.

    A cited passage is followed by a link to ``#source-N``; N numbers the distinct URLs of
    ``citations`` from 1. Markdown that is too large or nested too deeply becomes one ``<pre>``.
    """
    if len(markdown) > MAX_MARKDOWN:
        return preformatted(markdown)
    env = {"markers": markers(markdown, citations)}
    tokens = _MARKDOWN.parse(markdown, env)
    if _is_excessive(tokens):
        return preformatted(markdown)
    return sanitize(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env))


def _fit_page(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"  # the page keeps its only h1
        elif token.type in {"th_open", "td_open"} and "style" in token.attrs:
            token.attrs = {"class": str(token.attrs["style"]).replace("text-align:", "align-")}
        elif token.type == "inline":
            token.children = list(_fit_inline(token.children or []))


def _fit_inline(tokens: list[Token]) -> Iterator[Token]:
    """Turn images into links, open links in a new tab, and keep links from nesting."""
    inside = False
    held: list[Token] = []
    for token in tokens:
        if token.type == "link_open":
            inside = True
            yield _link(str(token.attrs["href"]))
        elif token.type == "link_close":
            inside = False
            yield token
            yield from held
            held = []
        elif token.type == "citation" and inside:
            held.append(token)
        elif token.type == "image":
            yield from _image_link(token, inside=inside)
        else:
            yield token


def _link(href: str) -> Token:
    # A new tab: the page may contain a conversation that is not submitted yet.
    return Token("link_open", "a", 1, attrs={"href": href, "target": "_blank"})


def _image_link(image: Token, *, inside: bool) -> Iterator[Token]:
    href = str(image.attrs["src"])
    alt = "".join(
        " " if child.type == "softbreak" else child.content for child in image.children or ()
    )
    text = Token("text", "", 0, content=alt or href)
    yield from [text] if inside else [_link(href), text, Token("link_close", "a", -1)]


def _is_excessive(tokens: Iterable[Token]) -> bool:
    size = 0
    for block in tokens:
        for token in (block, *(block.children or ())):
            if token.level >= _MAX_NESTING - 1:
                return True
            size += len(token.content) + sum(len(str(value)) for value in token.attrs.values())
    return size > _MAX_EXPANDED


_MARKDOWN = _parser()
