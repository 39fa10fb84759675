"""Inserts a numbered marker after every cited passage without changing the answer's text."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from shared.openai.answer import Citation

# The parser turns every NUL of an answer into U+FFFD before it looks for inline markup, so that
# one put in afterwards is ours and cannot be forged.
_NUL = "\0"
_LINE_END = re.compile(r"\r\n?|\n")


class Marker(NamedTuple):
    """The end of one cited passage, by line and column, and its source."""

    line: int
    column: int
    number: int
    title: str


class _Segment(NamedTuple):
    """One source line's share of a block of text."""

    line: int
    column: int
    start: int
    length: int
    block: int


def markers(markdown: str, citations: Sequence[Citation]) -> list[Marker]:
    """Return the markers; cited pages are numbered from 1 in the order of ``citations``."""
    starts = [0, *(end.end() for end in _LINE_END.finditer(markdown))]
    sources: dict[str, tuple[int, str]] = {}
    found: set[Marker] = set()
    for citation in citations:
        source = sources.setdefault(citation.page, (len(sources) + 1, citation.title))
        start, end = citation.start_index, citation.end_index
        if start is None or end is None or not 0 <= start <= end <= len(markdown):
            continue
        least = start if start < end else starts[bisect_right(starts, end) - 1]
        while end > least and markdown[end - 1].isspace():
            end -= 1
        line = bisect_right(starts, end) - 1
        found.add(Marker(line, end - starts[line], *source))
    return sorted(found)


def citations_plugin(md: MarkdownIt) -> None:
    """Add the markers in ``env["markers"]`` to the parsed Markdown."""
    md.inline.add_terminator_char(_NUL)
    md.inline.ruler.push("citation", _read_marker)
    md.core.ruler.after("inline", "citations", _place_markers)
    md.add_render_rule("citation", _render_marker)


def _read_marker(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    if state.src[state.pos] != _NUL:
        return False
    if not silent:
        state.push("citation", "", 0)
    state.pos += 1
    return True


def _place_markers(state: StateCore) -> None:
    segments = list(_segments(state.tokens, state.src.split("\n")))
    if not segments:
        return
    places: defaultdict[int, list[tuple[int, Marker]]] = defaultdict(list)
    for marker in state.env["markers"]:
        # Code has no segments: what cites it is marked on the text before it.
        after = bisect_right(segments, marker[:2], key=lambda segment: segment[:2])
        segment = segments[max(after - 1, 0)]
        offset = marker.column - segment.column if marker.line == segment.line else segment.length
        place = segment.start + min(max(offset, 0), segment.length)
        places[segment.block].append((place, marker))
    for block, found in places.items():
        _mark(state, state.tokens[block], found)


def _segments(tokens: list[Token], lines: list[str]) -> Iterator[_Segment]:
    reached: defaultdict[int, int] = defaultdict(int)
    for block, token in enumerate(tokens):
        if token.type != "inline" or token.map is None:
            continue
        start = 0
        for line, text in enumerate(token.content.split("\n"), token.map[0]):
            # A table's cells share their line and come in its order.
            column = max(lines[line].find(text, reached[line]), reached[line])
            yield _Segment(line, column, start, len(text), block)
            reached[line] = column + len(text)
            start += len(text) + 1


def _mark(state: StateCore, block: Token, found: list[tuple[int, Marker]]) -> None:
    fitting = found
    marked = _marked(state, block, fitting)
    if marked is None:
        fitting = [place for place in found if _marked(state, block, [place])]
        marked = _marked(state, block, fitting)
    if marked is None:
        fitting, marked = [], block.children or []
    rest = [place for place in found if place not in fitting]
    block.children = [*marked, *(Token("citation", "", 0) for _ in rest)]
    tokens = (token for token in block.children if token.type == "citation")
    for token, (_, marker) in zip(tokens, [*fitting, *rest], strict=True):
        token.meta["marker"] = marker


def _marked(state: StateCore, block: Token, found: list[tuple[int, Marker]]) -> list[Token] | None:
    """The block with these markers; None where one is inside an address, code or emphasis marks.

    There it would change what the answer says, so it goes to the block's end instead.
    """
    marked = state.md.inline.parse(_inserted(block.content, found), state.md, state.env, [])
    count = sum(token.type == "citation" for token in marked)
    same = _html(state, marked) == _html(state, block.children or [])
    return marked if same and count == len(found) else None


def _inserted(content: str, found: list[tuple[int, Marker]]) -> str:
    places = [0, *(place for place, _ in found), len(content)]
    return _NUL.join(content[start:end] for start, end in pairwise(places))


def _html(state: StateCore, tokens: list[Token]) -> str:
    return str(state.md.renderer.render(tokens, state.md.options, state.env))


def _render_marker(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    marker: Marker | None = tokens[index].meta.get("marker")
    if marker is None:
        return ""
    number, title = marker.number, escape(marker.title[:200])
    return (
        f'<sup><a class="citation" href="#source-{number}" title="{title}"'
        f' aria-label="Source {number}">{number}</a></sup>'
    )
