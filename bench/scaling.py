"""Writes the capacity model into docs/scaling.md from the figures that were kept."""

import json
from pathlib import Path

from bench import capacity
from bench.benchmark import Rounds
from bench.harness import EVERYSEC
from bench.markdown_table import number, replaced
from bench.summary import medians

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "scaling.md"
PART = "in-flight"
FIGURES = ROOT / "bench" / "results" / f"{PART}.json"
NUMBERS = (10_000, 100_000, 1_000_000, 10_000_000)


def levels(rounds: Rounds) -> dict[int, dict[str, float]]:
    """The medians of the levels measured with everysec, by tasks in flight."""
    return {
        int(subject.rpartition(", ")[0].replace(",", "")): values
        for subject, values in medians(rounds).items()
        if subject.endswith(EVERYSEC)
    }


def text(rounds: Rounds) -> str:
    """The model in words and as a table."""
    found = capacity.model(levels(rounds))
    poller, store = capacity.most(found)
    said = (
        f"A poll takes {number(1000 * found.poller.slope)} ms of a poller's core,"
        f" {number(1000 * found.store.slope)} ms of Valkey's and"
        f" {number(found.commands.slope)} of its commands (those in scripts counted); a task in"
        f" flight takes {number(found.store_bytes.slope / 1000)} KB of Valkey beyond its text."
        f" With {capacity.USABLE:.0%} of a core used, one poller holds {poller:,} tasks at"
        f" {capacity.INTERVAL:g} s, and one Valkey {store:,}."
    )
    heads = (
        "in flight",
        "polls a second",
        "pollers",
        "MiB each",
        "Valkey, cores",
        "Valkeys",
        "Valkey commands a second",
        "Valkey memory, GB",
        "from the provider, MB a second",
    )
    rows = [heads, ("---:",) * len(heads)]
    for tasks in NUMBERS:
        each = capacity.need(found, tasks)
        rows.append(
            (
                f"{each.tasks:,}",
                number(each.polls),
                f"{each.pollers:,}",
                number(each.poller_mib),
                number(each.store_cores),
                f"{each.stores:,}",
                number(each.commands),
                number(each.store_gb),
                number(each.provider_mb),
            )
        )
    return "\n\n".join([said, "\n".join(f"| {' | '.join(row)} |" for row in rows)])


def write() -> None:
    """Bring the page up to the figures."""
    rounds = json.loads(FIGURES.read_text())["rounds"]
    PAGE.write_text(replaced(PAGE.read_text(), "capacity", text(rounds)))


if __name__ == "__main__":
    write()
