"""Keeps what table cells contain: a pipe in code or in a formula ends no cell, and no cell is lost.

The parser splits a row at every pipe and drops cells beyond the header's. So such pipes are NUL
characters while it reads blocks; it has replaced every NUL of the answer itself by U+FFFD.
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from services.api.rendering.math import formula_spans

_PIPE = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)[^`]+(?P=ticks)(?!`)")
# Possessive, so that a long line of spaces is read once.
_CONTAINER = r"[\s>]*+(?:(?:[-*+]|\d{1,9}[.)])\s++)?"
_DELIMITER_ROW = re.compile(r"[\s>]*+\|?\s*+:?-+:?\s*+(?:\|\s*+:?-+:?\s*+)*+\|?\s*+")
_ROW = re.compile(rf"(?P<before>{_CONTAINER}\|?)(?P<cells>.*?)(?P<after>\|?\s*)", re.DOTALL)
_MAX_ROW = 20_000  # characters; longer rows are split at every pipe


def tables_plugin(md: MarkdownIt) -> None:
    """Protect pipes while blocks are parsed."""
    md.core.ruler.before("block", "protect_pipes", _protect)
    md.core.ruler.after("block", "restore_pipes", _restore)


def _protect(state: StateCore) -> None:
    if "|" not in state.src:
        return
    state.env["unprotected"] = state.src
    lines = state.src.split("\n")
    for number, columns, is_header in _rows(lines):
        lines[number] = _protected(lines[number], columns, is_header=is_header)
    state.src = "\n".join(lines)


def _restore(state: StateCore) -> None:
    state.src = state.env.pop("unprotected", state.src)
    for token in state.tokens:
        token.content = token.content.replace("\0", "|")
        token.info = token.info.replace("\0", "|")


def _rows(lines: list[str]) -> Iterator[tuple[int, int, bool]]:
    """Each line that may be a row, how many columns its table has, and whether it is the header."""
    columns = 0
    for number, line in enumerate(lines):
        if not line.strip(" \t>"):
            columns = 0
        elif columns:
            yield number, columns, False
        elif number > 0 and "-" in line and _DELIMITER_ROW.fullmatch(line):
            columns = line.strip(" \t>").strip("|").count("|") + 1
            yield number - 1, columns, True


def _protected(line: str, columns: int, *, is_header: bool) -> str:
    row = _ROW.fullmatch(line) if len(line) <= _MAX_ROW else None
    if row is None:
        return line
    pipes = [found.start() for found in _PIPE.finditer(row["cells"])]
    if len(pipes) < columns:  # each separates two cells of the table
        return line
    code = {found.span() for found in _CODE.finditer(row["cells"])}
    inside = {at for span in (*code, *formula_spans(row["cells"])) for at in range(*span)}
    separators = [at for at in pipes if at not in inside]
    if is_header and len(separators) != columns - 1:  # no table
        return line
    # What is beyond the last column stays in its cell.
    protected = set(pipes).difference(separators[: columns - 1])
    cells = "".join("\0" if at in protected else char for at, char in enumerate(row["cells"]))
    return row["before"] + cells + row["after"]
