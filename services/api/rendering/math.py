r"""Finds formulas in Markdown: ``$…$``, ``$$…$$``, ``\(…\)`` and ``\[…\]``; prices stay prices."""

import re
from collections.abc import Sequence
from html import escape
from itertools import chain

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from services.api.rendering.highlighting import code_block
from services.api.rendering.mathml import mathml

# Each stops at the next delimiter of its kind, so that many that are never closed cost no more.
_INLINE = {
    "$$": re.compile(r"\$\$(?P<latex>(?:[^\\$]|\\.)+)\$\$", re.DOTALL),
    "$": re.compile(
        r"(?<![\w$])\$(?![\s$])(?P<latex>(?:[^\\$]|\\.)+)(?<!\s)\$(?![\w$])", re.DOTALL
    ),
    r"\(": re.compile(r"\\\((?P<latex>(?:[^\\]|\\[^()])+)\\\)", re.DOTALL),
    r"\[": re.compile(r"\\\[(?P<latex>(?:[^\\]|\\[^][])+)\\\]", re.DOTALL),
}
_CLOSED_BY = {"$$": "$$", "$": "$", r"\(": r"\)", r"\[": r"\]"}
_MAX_LINES = 200
_LIKE_MONEY = re.compile(r"\d[\d.,_]*\s?[A-Za-z]*[+\u2013-]|\d[\d.,]*(?:_\d{3})+(?:\.\d+)?")
_LIKE_A_CALL = re.compile(r"(?<=[A-Za-z0-9_])\\\([^\\^]*\\\)")
_LIKE_MATHEMATICS = re.compile(r"[\\^_{}=+<>]")
_LIKE_PROSE = re.compile(r"[^\W\d_]{2,}\s|\s[^\W\d_]{2,}|://|^\d.*\s", re.DOTALL)


def formulas_plugin(md: MarkdownIt) -> None:
    """Add formulas to the parser; one that cannot be converted is shown as source code."""
    md.inline.add_terminator_char("$")
    md.inline.ruler.before("escape", "formula", _read_inline)
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("fence", "formula_block", _read_block, interrupts)
    md.add_render_rule("formula", _render)
    md.add_render_rule("formula_block", _render)


def formula_spans(line: str) -> list[tuple[int, int]]:
    """Return where ``$…$`` and ``$$…$$`` begin and end in one line of source."""
    found = chain(*(_INLINE[opening].finditer(line) for opening in ("$$", "$")))
    return [each.span() for each in found if _is_formula(each["latex"], "$")]


def _is_formula(latex: str, opening: str) -> bool:
    """Return whether it is a formula, not a price, prose or an escaped bracket."""
    if not latex.strip() or (opening == "$" and _LIKE_MONEY.fullmatch(latex)):
        return False
    if _LIKE_MATHEMATICS.search(latex):
        return "://" not in latex
    return opening != r"\[" and _LIKE_PROSE.search(latex) is None


def _read_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    opening = next((each for each in _INLINE if state.src.startswith(each, state.pos)), None)
    if opening is None:
        return False
    found = _INLINE[opening].match(state.src, state.pos, state.posMax)
    if found is None or not _is_formula(found["latex"], opening):
        return False
    if opening == r"\(" and _LIKE_A_CALL.match(state.src, state.pos, found.end()):
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.markup = found["latex"], opening
    state.pos = found.end()
    return True


def _read_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as above
    """Parse a formula on lines of its own, before lists, headings and quotations."""
    begin = state.bMarks[start] + state.tShift[start]
    opening = state.src[begin : begin + 2]
    if opening not in ("$$", r"\[") or state.is_code_block(start):
        return False
    for line in range(start, min(end, start + _MAX_LINES)):
        if state.isEmpty(line) or (line > start and state.sCount[line] < state.blkIndent):
            return False
        after = begin + 2 if line == start else state.bMarks[line]
        text = state.src[after : state.eMarks[line]].rstrip()
        latex = text.removesuffix(_CLOSED_BY[opening])
        if opening in latex:
            return False
        if latex != text:
            break
    else:
        return False
    whole = state.getLines(start, line + 1, state.sCount[start], False).strip()
    latex = whole[2:-2]
    if _CLOSED_BY[opening] in latex or opening in latex or not _is_formula(latex, opening):
        return False
    if not silent:
        token = state.push("formula_block", "math", 0)
        token.block, token.map = True, [start, line + 1]
        token.content, token.markup = latex, opening
        state.line = line + 1
    return True


def _render(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    token = tokens[index]
    display = token.markup in ("$$", r"\[")
    drawn = mathml(token.content.strip(), display=display)
    source = f"{token.markup}{token.content}{_CLOSED_BY[token.markup]}"
    if token.block:
        return f"<p>{drawn}</p>\n" if drawn else f"{code_block(source, 'latex')}\n"
    return drawn or f"<code>{escape(source)}</code>"
