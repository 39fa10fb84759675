"""Writes what was measured as Markdown, and puts it in its place in a page."""

import re
from collections.abc import Mapping

from bench.benchmark import Part, Rounds, Target
from bench.summary import Spread, medians, spreads


def number(value: float) -> str:
    """Three significant digits, thousands apart."""
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.1 or value == 0 else f"{value:.2g}"


def table(part: Part, rounds: Rounds) -> str:
    """A row a subject; the spread in brackets where there was more than one round."""
    found = spreads(rounds)
    heads = [""] + [f"{each.title}, {each.unit}".rstrip(", ") for each in part.columns]
    base = found.get(part.against or "", {}).get(part.columns[0].name)
    if base:
        heads.append(f"against {part.against}")
    lines = [_row(heads), _row(["---", *["---:"] * (len(heads) - 1)])]
    for subject, values in found.items():
        cells = [subject] + [_cell(values.get(each.name)) for each in part.columns]
        if base:
            first = values.get(part.columns[0].name)
            cells.append(f"{first.median / base.median:.2f}" if first and base.median else "")
        lines.append(_row(cells))
    return "\n".join(lines)


def verdicts(part: Part, rounds: Rounds) -> str:
    """A line for each target: reached or not, and by what value."""
    found = medians(rounds)
    return "\n".join(f"- {_verdict(target, found)}" for target in part.targets)


def replaced(page: str, name: str, text: str) -> str:
    """The page with the text between the marks of that name. ValueError where it has none."""
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    marks = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not marks.search(page):
        raise ValueError(f"the page has no marks for {name}")
    return marks.sub(lambda _: f"{begin}\n{text}\n{end}", page)


def _verdict(target: Target, found: Mapping[str, Mapping[str, float]]) -> str:
    limit = f"{'≥' if target.at_least else '≤'} {number(target.limit)} {target.unit}".rstrip()
    try:
        measured = target.value(found)
    except KeyError:
        return f"{target.what}: {limit} — not measured in this run"
    word = "reached" if target.reached(measured) else "**missed**"
    return f"{target.what}: {limit} — {word}: {number(measured)} {target.unit}".rstrip()


def _cell(spread: Spread | None) -> str:
    if spread is None:
        return ""
    if spread.low == spread.high:
        return number(spread.median)
    return f"{number(spread.median)} ({number(spread.low)} to {number(spread.high)})"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
