"""Formats results beside their targets and keeps the latest ones for docs/performance.md."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bench.benchmark import Benchmark, Figure

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


@dataclass(frozen=True)
class Result:
    """The values of a figure in all rounds, and the date and machine (a sentence) of the run."""

    values: list[float]
    date: str
    machine: str


def format_number(value: float) -> str:
    """Write three significant digits with thousands separators."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.2g}"


def table(benchmarks: Sequence[Benchmark], results: Mapping[str, Result]) -> str:
    """Return a Markdown table with a row for each figure, and the machines it was measured on."""
    rows = ["| figure | target | measured | |", "|---|---:|---:|---|"]
    machines: dict[str, None] = {}
    for benchmark in benchmarks:
        for figure in benchmark.figures:
            result = results.get(f"{benchmark.name}.{figure.name}")
            rows.append(_row(figure, result))
            if result:
                # What differs from run to run stands in results.json.
                machine = result.machine.partition(", one fsync")[0]
                machines[f"*{result.date}: {machine}.*"] = None
    return "\n".join([*rows, *(line for machine in machines for line in ("", machine))])


def _row(figure: Figure, result: Result | None) -> str:
    sign = "≥" if figure.at_least else "≤"
    target = f"{sign} {format_number(figure.target)} {figure.unit}".rstrip()
    if result is None:
        return f"| {figure.title} | {target} | not measured | |"
    value, low, high = median(result.values), min(result.values), max(result.values)
    measured = f"{format_number(value)} {figure.unit}".rstrip()
    if low < high:
        measured += f" ({format_number(low)} to {format_number(high)})"
    verdict = "reached" if figure.is_met(value) else "**missed**"
    return f"| {figure.title} | {target} | {measured} | {verdict} |"


def load() -> dict[str, Result]:
    """Read the results that were kept."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    return {name: Result(**result) for name, result in kept.items()}


def keep(benchmarks: Sequence[Benchmark], new: Mapping[str, Result]) -> None:
    """Add new results to those kept, and write all of them into docs/performance.md."""
    names = {f"{each.name}.{figure.name}" for each in benchmarks for figure in each.figures}
    results = {name: result for name, result in (load() | dict(new)).items() if name in names}
    written = {name: asdict(result) for name, result in results.items()}
    RESULTS.write_text(json.dumps(written, indent=1) + "\n")
    PAGE.write_text(replace_block(PAGE.read_text(), table(benchmarks, results)))


def replace_block(page: str, text: str) -> str:
    """Return the page with the text between its marks. Raises ValueError without marks."""
    marks = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not marks.search(page):
        raise ValueError(f"the page has no {BEGIN}")
    return marks.sub(lambda _: f"{BEGIN}\n{text}\n{END}", page)
