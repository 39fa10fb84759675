"""Reads footnotes: ``[^name]`` in the text, and ``[^name]: note`` on a line of its own.

All notes stand at the end in the order of their first reference; unreferenced ones follow.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_REFERENCE = re.compile(r"\[\^(?P<name>[^\s\[\]]{1,100})\]")
_DEFINITION = re.compile(_REFERENCE.pattern + r":[ \t]*")
_Note = tuple[Token, list[Token]]  # what opened it, and its content
_INDENT = 4  # columns of a note's further paragraphs


def footnotes_plugin(md: MarkdownIt) -> None:
    """Add both rules; a reference without a note stays text."""
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference"]}
    md.block.ruler.before("reference", "footnote", _read_definition, interrupts)
    md.inline.ruler.before("link", "footnote", _read_reference)
    md.core.ruler.push("footnotes", _move_to_end)
    md.add_render_rule("footnote", _render_reference)


def _read_definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    begin = state.bMarks[start] + state.tShift[start]
    found = _DEFINITION.match(state.src, begin, state.eMarks[start])
    if found is None or state.is_code_block(start):
        return False
    if silent:
        return True
    state.env.setdefault("footnotes", set()).add(found["name"])
    state.push("footnote_open", "", 1).meta = {"name": found["name"]}
    before = state.bMarks[start], state.tShift[start], state.sCount[start], state.parentType
    state.blkIndent += _INDENT
    state.bMarks[start], state.tShift[start] = found.end(), 0
    state.sCount[start], state.parentType = state.blkIndent, "footnote"
    state.md.block.tokenize(state, start, end)
    state.blkIndent -= _INDENT
    state.bMarks[start], state.tShift[start], state.sCount[start], state.parentType = before
    state.push("footnote_close", "", -1)
    return True


def _read_reference(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as above
    found = _REFERENCE.match(state.src, state.pos, state.posMax)
    if found is None or found["name"] not in state.env.get("footnotes", ()):
        return False
    if not silent:
        token = state.push("footnote", "", 0)
        token.content, token.meta = found[0], {"name": found["name"]}
    state.pos = found.end()
    return True


def _move_to_end(state: StateCore) -> None:
    if "footnotes" not in state.env:
        return
    text, notes = _separated(state.tokens)
    state.tokens = [*text, Token("ordered_list_open", "ol", 1, attrs={"class": "footnotes"})]
    for place in _numbered(text, notes):
        level, content = notes[place][0].level, notes[place][1]
        state.tokens.append(Token("list_item_open", "li", 1, level=level, block=True))
        state.tokens += [*content, Token("list_item_close", "li", -1, level=level, block=True)]
    state.tokens.append(Token("ordered_list_close", "ol", -1))


def _numbered(text: list[Token], notes: list[_Note]) -> list[int]:
    """Give each reference its number, and return the places of the notes in their order."""
    first = {note[0].meta["name"]: place for place, note in reversed(list(enumerate(notes)))}
    order: dict[int, int] = {}
    for start in (-1, *range(len(notes))):  # the text, then each note that nothing refers to
        if start in order:
            continue
        if start >= 0:
            order[start] = len(order) + 1
        reached = [notes[start][1] if start >= 0 else text]
        for tokens in reached:  # grows: a note may refer to others
            for reference in _references(tokens):
                place = first[reference.meta["name"]]
                if place not in order:
                    order[place] = len(order) + 1
                    reached.append(notes[place][1])
                reference.meta["number"] = order[place]
    return list(order)


def _references(tokens: list[Token]) -> Iterator[Token]:
    for block in tokens:
        yield from (child for child in block.children or () if child.type == "footnote")


def _separated(tokens: list[Token]) -> tuple[list[Token], list[_Note]]:
    text: list[Token] = []
    notes: list[_Note] = []
    places: list[list[Token]] = [text]
    for token in tokens:
        if token.type == "footnote_open":
            notes.append((token, []))
            places.append(notes[-1][1])
        elif token.type == "footnote_close":
            places.pop()
        else:
            places[-1].append(token)
    return text, notes


def _render_reference(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    number: int | None = tokens[index].meta.get("number")
    if number is None:  # while citations are placed
        return escape(tokens[index].content)
    return (
        f'<sup><a class="footnote" href="#footnote-{number}"'
        f' aria-label="Footnote {number}">{number}</a></sup>'
    )
