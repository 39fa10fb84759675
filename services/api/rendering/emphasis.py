"""Lets emphasis begin and end beside Chinese, Japanese and Korean characters.

CommonMark expects a space between a closing ``**`` that follows punctuation and the next word.
These scripts write none, so that bold text that ends with a colon would keep its asterisks.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline, emphasis

_CJK = re.compile(
    r"[\u1100-\u11ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f"
    r"\uff00-\uffef\U00020000-\U0003ffff]"
)


def cjk_emphasis_plugin(md: MarkdownIt) -> None:
    """Replace the rule for ``*`` and ``_``."""
    md.inline.ruler.at("emphasis", _read_emphasis)


def _read_emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    start = state.pos
    if not emphasis.tokenize(state, silent):
        return False
    before = state.src[start - 1] if start > 0 else " "
    after = state.src[state.pos] if state.pos < state.posMax else " "
    if state.src[start] == "*" and (_CJK.match(before) or _CJK.match(after)):
        for delimiter in state.delimiters[start - state.pos :]:
            delimiter.open = _may_touch(after, before)
            delimiter.close = _may_touch(before, after)
    return True


def _may_touch(inside: str, outside: str) -> bool:
    """Whether a run of asterisks can enclose text that begins, or ends, with ``inside``."""
    if isWhiteSpace(ord(inside)):
        return False
    if _CJK.match(inside) or not _is_punctuation(inside):
        return True
    return bool(isWhiteSpace(ord(outside)) or _is_punctuation(outside) or _CJK.match(outside))


def _is_punctuation(char: str) -> bool:
    return isMdAsciiPunct(ord(char)) or isPunctChar(char)
