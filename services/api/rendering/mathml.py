"""Converts a LaTeX formula to MathML, which browsers draw without script or style."""

import re
from functools import lru_cache

from math_core import LatexError, LatexToMathML

MAX_LATEX = 3_000
"""Characters of a formula; the converter runs out of stack near 5,500 opening braces."""

_MAX_GROWTH = 100  # output per input character; macros can expand without end
_MAX_DEPTH = 60  # browsers take long to lay out what is nested deeper
_TAG = re.compile(r"<(?P<end>/?)[a-z]+[^<>]*?(?P<empty>/?)>")
# Text between tags holds no < of its own, so that nothing but a tag is ever matched.
_STYLED = re.compile(r'(<[a-z]+(?: [a-z]+="[^"<>]*")*) style="([^"<>]*)"')
_CLASSES = {
    "text-align: left": "align-left",
    "text-align: right": "align-right",
    "padding-left: 0": "joined-left",
    "padding-right: 0": "joined-right",
    "border-left: 0.05em solid currentcolor": "line-left",
    "border-right: 0.05em solid currentcolor": "line-right",
    "border-top: 0.05em solid currentcolor": "line-top",
    "border-bottom: 0.05em solid currentcolor": "line-bottom",
}
CLASSES = frozenset(_CLASSES.values())
"""Classes that replace the inline styles of table cells, which the CSP forbids."""

_CONVERTER = LatexToMathML(fancy_error=False, max_expansions=100)


@lru_cache(maxsize=1_000)
def mathml(latex: str, *, display: bool) -> str | None:
    """Return an unsanitised ``<math>`` element; None if it cannot be converted within limits."""
    if len(latex) > MAX_LATEX:
        return None
    try:
        element = _CONVERTER.convert_with_local_state(latex, displaystyle=display)
    except LatexError:
        return None
    if len(element) > _MAX_GROWTH * (len(latex) + 10) or _depth(element) > _MAX_DEPTH:
        return None
    return _STYLED.sub(_classed, element)


def _depth(element: str) -> int:
    depth = deepest = 0
    for tag in _TAG.finditer(element):
        if not tag["empty"]:
            depth += -1 if tag["end"] else 1
            deepest = max(deepest, depth)
    return deepest


def _classed(found: re.Match[str]) -> str:
    declared = (declaration.strip() for declaration in found[2].split(";"))
    names = " ".join(_CLASSES[style] for style in declared if style in _CLASSES)
    return f'{found[1]} class="{names}"' if names else found[1]
