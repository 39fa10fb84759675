"""What all parts have to have."""

import pytest

from bench import benchmarks, report
from bench.benchmark import Part
from bench.sample_text import paragraphs


@pytest.mark.parametrize("part", benchmarks.ALL.values(), ids=benchmarks.ALL)
def test_each_part_has_its_place_in_the_page(part: Part) -> None:
    page = report.PAGE.read_text()
    assert page.count(f"<!-- bench:{part.name} -->") == 1
    assert page.count(f"<!-- /bench:{part.name} -->") == 1


@pytest.mark.parametrize("part", benchmarks.ALL.values(), ids=benchmarks.ALL)
def test_what_is_drawn_is_a_column(part: Part) -> None:
    assert part.drawn in {None, *(column.name for column in part.columns)}


def test_verses_become_paragraphs_without_their_numbers() -> None:
    text = "\n".join(f"1Sam1:{verse} Words {verse}." for verse in range(1, 9))
    first, second = paragraphs(text).split("\n\n")
    assert first == "Words 1. Words 2. Words 3. Words 4. Words 5. Words 6."
    assert second == "Words 7. Words 8."
