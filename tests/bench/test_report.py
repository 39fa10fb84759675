"""A result stands beside its target, and only measured values count as reached."""

import pytest

from bench import benchmarks, report
from bench.benchmark import Benchmark, Figure, quantile
from bench.report import Result, format_number, replace_block, table


def rows(figure: Figure, result: Result | None) -> list[str]:
    benchmark = Benchmark("polls", (figure,), lambda _: {})
    return table([benchmark], {"polls.ratio": result} if result else {}).splitlines()


@pytest.mark.parametrize(
    ("target", "at_least", "row"),
    [
        (0.2, False, "| Ratio | ≤ 0.20 ms | 0.20 ms (0.10 to 0.30) | reached |"),
        (0.19, False, "| Ratio | ≤ 0.19 ms | 0.20 ms (0.10 to 0.30) | **missed** |"),
        (0.2, True, "| Ratio | ≥ 0.20 ms | 0.20 ms (0.10 to 0.30) | reached |"),
    ],
)
def test_a_target_is_reached_up_to_its_limit_by_the_median(
    target: float, *, at_least: bool, row: str
) -> None:
    result = Result([0.3, 0.1, 0.2], "2026-11-30", "2 cores")
    found = rows(Figure("ratio", "Ratio", "ms", target, at_least), result)
    assert found[2:] == [row, "", "*2026-11-30: 2 cores.*"]


def test_a_figure_that_was_not_measured_is_not_reached() -> None:
    assert rows(Figure("ratio", "Ratio", "", 1), None)[2:] == [
        "| Ratio | ≤ 1.00 | not measured | |"
    ]


@pytest.mark.parametrize(
    ("raw", "text"),
    [(0, "0.00"), (0.004, "0.004"), (0.57, "0.57"), (12.34, "12.3"), (30_500.4, "30,500")],
)
def test_a_number_has_three_significant_digits(raw: float, text: str) -> None:
    assert format_number(raw) == text


def test_only_the_block_between_the_marks_is_replaced() -> None:
    page = "a <!-- bench -->old<!-- /bench --> b"
    assert replace_block(page, r"n\1w") == "a <!-- bench -->\nn\\1w\n<!-- /bench --> b"
    with pytest.raises(ValueError, match="no <!-- bench -->"):
        replace_block("nothing", "text")


def test_the_page_shows_the_kept_results() -> None:
    shown = table([*benchmarks.ALL.values()], report.load())
    page = report.PAGE.read_text()
    assert replace_block(page, shown) == page


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1, 100), (0, 1)]
)
def test_a_quantile_is_the_smallest_value_that_so_many_do_not_exceed(
    share: float, expected: int
) -> None:
    assert quantile([*range(100, 0, -1)], share) == expected


def test_there_is_no_quantile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)
