"""A run's table stands on the page once, whatever else is there."""

from pathlib import Path

from tests.chaos.journal import Evidence
from tests.chaos.plan import draw
from tests.chaos.report import END, publish, table

NOTHING = Evidence({}, 0, [], {}, {}, {}, [], {}, {}, [], [], [])


def test_a_run_takes_the_place_of_an_earlier_one_of_the_same_seed_and_length(
    tmp_path: Path,
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{END}\nafter\n")

    publish(draw(1, 60, 60, 4), "first\n", page)
    publish(draw(2, 60, 60, 4), "second\n", page)
    publish(draw(1, 60, 60, 4), "first again\n", page)

    shown = page.read_text()
    assert shown.startswith("before\n")
    assert shown.endswith(f"{END}\nafter\n")
    assert "first\n" not in shown
    assert shown.index("first again\n") < shown.index("second\n")


def test_breaches_are_told_below_the_figures() -> None:
    text = table(draw(1, 60, 60, 4), NOTHING, ["lost: a"])
    assert "| **breaches of the promise** | **1** |" in text
    assert text.endswith("- BREACH: lost: a")
