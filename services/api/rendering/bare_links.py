"""Makes links of web addresses that stand in the text without brackets."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

# Not brackets, quotes, or what ends a sentence in Chinese and Japanese.
_ADDRESS = re.compile(
    r"https?://[^\W_](?:[^\s<>\[\]\"`|\\*\0\u3000-\u303f\uff00-\uffef]|\*(?!\*))*", re.IGNORECASE
)
_SCHEME = re.compile(r"(?:(?<![A-Za-z0-9+.-])|^)https?\Z", re.IGNORECASE)
_TRAILING = "?!.,:;*_~'"


def bare_links_plugin(md: MarkdownIt) -> None:
    """Add the rule; it runs where a colon stands, before the text's escapes."""
    md.inline.ruler.before("escape", "bare_link", _read_bare_link)


def _read_bare_link(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    if silent or state.linkLevel > 0 or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.src, max(state.pos - 6, 0), state.pos)
    found = scheme and _ADDRESS.match(state.src, scheme.start(), state.posMax)
    if not scheme or not found or not state.pending.endswith(scheme[0]):
        return False
    address = _trimmed(found[0])
    href = state.md.normalizeLink(address)
    if not state.md.validateLink(href):
        return False
    state.pending = state.pending.removesuffix(scheme[0])
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = address
    state.push("link_close", "a", -1)
    state.pos = scheme.start() + len(address)
    return True


def _trimmed(address: str) -> str:
    """The address without punctuation of the sentence, and without a parenthesis of its own."""
    while True:
        shorter = address.rstrip(_TRAILING)
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter == address:
            return address
        address = shorter
