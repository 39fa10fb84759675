"""Renders an answer's Markdown, which is untrusted: the model has read the open web."""

import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from services.api.rendering.bare_links import bare_links_plugin
from services.api.rendering.citations import citations_plugin, markers
from services.api.rendering.emphasis import cjk_emphasis_plugin
from services.api.rendering.footnotes import footnotes_plugin
from services.api.rendering.highlighting import code_block
from services.api.rendering.limits import MAX_MARKDOWN, preformatted
from services.api.rendering.link_text import hidden_destination
from services.api.rendering.math import formulas_plugin
from services.api.rendering.sanitizer import sanitize
from services.api.rendering.tables import tables_plugin
from shared.openai.answer import Citation

# A long URL that many short references name would multiply the size a thousandfold.
_MAX_EXPANDED = 4 * MAX_MARKDOWN
# The parser drops deeper content; such an answer is shown as plain text instead.
_MAX_NESTING = 100
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_WEB_OR_MAIL = re.compile(r"https?://|mailto:", re.IGNORECASE)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's hook
        return _WEB_OR_MAIL.match(url) is not None


def _parser() -> MarkdownIt:
    options = {
        "html": False,
        "maxNesting": _MAX_NESTING,
        "highlight": code_block,
        "breaks": True,  # models write verse and addresses line by line, and never wrap prose
        "tasklists": True,
    }
    md = _Parser("commonmark", options).enable(["table", "strikethrough"])
    md.use(tables_plugin).use(formulas_plugin).use(cjk_emphasis_plugin).use(bare_links_plugin)
    md.use(citations_plugin).use(footnotes_plugin)
    md.inline.ruler.before("autolink", "line_break", _read_line_break)
    md.core.ruler.push("page", _fit_page)
    md.add_render_rule("list_item_open", _render_item)
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


def _read_line_break(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    """Read ``<br>``, the only line break that a table's cell can have."""
    found = _LINE_BREAK.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _render_item(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    """Show the box of a task list as a character: the page allows no form in an answer."""
    checked = tokens[index].meta.get("checked")
    return "<li>" if checked is None else f'<li class="task">{"☑" if checked else "☐"} '


def _fit_page(state: StateCore) -> None:
    above: list[str] = []  # the headings, as written, that the current one stands under
    for token in state.tokens:
        if token.type == "heading_open":
            above = [*(tag for tag in above if tag < token.tag), token.tag]
        if token.type in {"heading_open", "heading_close"}:
            # No level is left out, whatever the model wrote; the page has an h1 and h2s of its own.
            token.tag = f"h{min(len(above) + 2, 6)}"
        elif token.type in {"th_open", "td_open"} and "style" in token.attrs:
            token.attrs = {"class": str(token.attrs["style"]).replace("text-align:", "align-")}
        elif token.attrs.get("class") == "contains-task-list":
            token.attrs = {}
        elif token.type == "inline":
            token.children = list(_fit_inline(token.children or []))


def _fit_inline(tokens: list[Token]) -> Iterator[Token]:
    """Turn images into links, open links in a new tab, and keep links from nesting."""
    inside = False
    held: list[Token] = []
    text = href = ""
    for token in tokens:
        text += token.content
        if token.type == "link_open":
            inside, text = True, ""
            href = str(token.attrs["href"])
            yield _link(href)
        elif token.type == "link_close":
            inside = False
            if destination := hidden_destination(text, href):
                yield Token("text", "", 0, content=f" ({destination})")
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
