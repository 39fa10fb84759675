"""Draws bars as SVG that follows the reader's light or dark page."""

from collections.abc import Mapping, Sequence
from html import escape

from bench.markdown_table import number
from bench.summary import Spread

WIDTH, BAR, LABEL, RIGHT = 720, 30, 270, 80
COLOUR = "#3b82c4"
"""Seen on white and on black."""

_STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 } .rule { stroke: #8b949e }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
</style>"""


def bars(title: str, values: Mapping[str, Spread]) -> str:
    """A bar for each median, with a whisker from the lowest to the highest."""
    most = max((each.high for each in values.values()), default=0) or 1
    scale = (WIDTH - LABEL - RIGHT) / most
    drawn = []
    for index, (label, each) in enumerate(values.items()):
        top = 34 + index * BAR
        end, middle = LABEL + each.median * scale, top + 10
        whisker = f"M{LABEL + each.low * scale:.1f} {middle}H{LABEL + each.high * scale:.1f}"
        place = f'x="{LABEL}" y="{top}" width="{each.median * scale:.1f}" height="20"'
        drawn += [
            _text(LABEL - 8, top + 14, label, "end"),
            f'<rect {place} rx="2" fill="{COLOUR}"/>',
            f'<path class="rule" d="{whisker}"/>',
            _text(max(end, LABEL + each.high * scale) + 6, top + 14, number(each.median)),
        ]
    return _svg(title, 44 + len(values) * BAR, drawn)


def _svg(title: str, height: int, drawn: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    name = f"<title>{escape(title)}</title>"
    return "\n".join([head, name, _STYLE, _text(8, 20, title), *drawn, "</svg>\n"])


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
