"""Writes down a run of a part: its raw figures, its plot and its place in docs/performance.md."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench import machine, markdown_table, plot
from bench.benchmark import Part, Rounds
from bench.summary import spreads

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "performance.md"
IMAGES = ROOT / "docs" / "images"


@dataclass(frozen=True, slots=True)
class Run:
    """All rounds of a part; ``load`` is the machine's load average (1 min) before the first."""

    part: Part
    rounds: Rounds
    machine: dict[str, str]
    at: datetime
    load: float
    seconds: float

    @property
    def text(self) -> str:
        """What the page says of it."""
        rounds = f"{len(self.rounds)} round{'s' if len(self.rounds) > 1 else ''}"
        about = (
            f"*{rounds}, median (lowest to highest); fsync policy `{self.part.sync}`;"
            f" {machine.sentence(self.machine)}; load before {self.load:.1f}; {self.at:%Y-%m-%d}.*"
        )
        verdicts = markdown_table.verdicts(self.part, self.rounds)
        pieces = [markdown_table.table(self.part, self.rounds), self.part.note, verdicts, about]
        return "\n\n".join(piece for piece in pieces if piece)

    def keep(self) -> None:
        """Write all of it down."""
        RESULTS.mkdir(exist_ok=True)
        raw = {
            "part": self.part.name,
            "at": self.at.isoformat(timespec="seconds"),
            "machine": self.machine,
            "sync": self.part.sync,
            "load": self.load,
            "seconds": round(self.seconds),
            "rounds": self.rounds,
        }
        (RESULTS / f"{self.part.name}.json").write_text(json.dumps(raw, indent=1) + "\n")
        text = self.text
        if self.part.drawn:
            image = f"bench-{self.part.name}.svg"
            (IMAGES / image).write_text(self.picture())
            text = f"{text}\n\n![{self.part.claims}](images/{image})"
        PAGE.write_text(markdown_table.replaced(PAGE.read_text(), self.part.name, text))

    def picture(self) -> str:
        """Bars of the column that the part wants drawn."""
        column = next(each for each in self.part.columns if each.name == self.part.drawn)
        found = {
            subject: values[column.name]
            for subject, values in spreads(self.rounds).items()
            if column.name in values
        }
        title = f"{self.part.claims}: {column.title}, {column.unit}".rstrip(", ")
        return plot.bars(title, found)
