"""What the page says of a part."""

import pytest

from bench.benchmark import Column, Figures, Part, Target, Turn, ratio, value
from bench.markdown_table import number, replaced, table, verdicts


def part(*targets: Target, against: str | None = None) -> Part:
    def measure(_: Turn) -> Figures:
        raise AssertionError

    columns = (Column("ms", "CPU", "ms"), Column("rate", "polls a second"))
    return Part("polls", "It is cheap", "always", measure, columns, 3, against, targets)


ROUNDS = [
    {"theirs": {"ms": 2.0, "rate": 200.0}, "ours": {"ms": 0.5, "rate": 1_200.0}},
    {"theirs": {"ms": 4.0, "rate": 200.0}, "ours": {"ms": 0.7, "rate": 1_200.0}},
]


def test_a_row_has_the_median_its_spread_and_the_ratio_to_the_reference() -> None:
    assert table(part(against="theirs"), ROUNDS).splitlines() == [
        "|  | CPU, ms | polls a second | against theirs |",
        "| --- | ---: | ---: | ---: |",
        "| theirs | 3.00 (2.00 to 4.00) | 200 | 1.00 |",
        "| ours | 0.60 (0.50 to 0.70) | 1,200 | 0.20 |",
    ]


def test_a_value_that_one_subject_lacks_leaves_its_cell_empty() -> None:
    rows = table(part(), [{"ours": {"ms": 1.0}}]).splitlines()
    assert rows[-1] == "| ours | 1.00 |  |"


@pytest.mark.parametrize(
    ("limit", "at_least", "word"),
    [(0.2, False, "reached"), (0.19, False, "**missed**"), (0.2, True, "reached")],
)
def test_a_target_is_reached_up_to_its_limit(limit: float, *, at_least: bool, word: str) -> None:
    target = Target("Ratio", ratio("ms", "ours", "theirs"), limit, at_least=at_least)
    rounds = [{"ours": {"ms": 1.0}, "theirs": {"ms": 5.0}}]
    assert f"— {word}: 0.20" in verdicts(part(target), rounds)


def test_a_target_of_what_was_not_measured_is_not_called_reached() -> None:
    target = Target("Lateness", value("p99", "30,000"), 1_000, "ms")
    assert verdicts(part(target), ROUNDS) == "- Lateness: ≤ 1,000 ms — not measured in this run"


@pytest.mark.parametrize(
    ("raw", "text"),
    [(0, "0.00"), (0.004, "0.004"), (0.57, "0.57"), (12.34, "12.3"), (30_500.4, "30,500")],
)
def test_a_number_has_three_digits_that_mean_something(raw: float, text: str) -> None:
    assert number(raw) == text


def test_only_what_stands_between_its_marks_is_replaced() -> None:
    page = "a <!-- bench:x -->old<!-- /bench:x --> b <!-- bench:y -->kept<!-- /bench:y -->"
    assert replaced(page, "x", r"n\1w") == (
        "a <!-- bench:x -->\nn\\1w\n<!-- /bench:x --> b <!-- bench:y -->kept<!-- /bench:y -->"
    )


def test_a_page_without_a_place_for_a_part_is_an_error() -> None:
    with pytest.raises(ValueError, match="no marks for x"):
        replaced("nothing", "x", "text")
