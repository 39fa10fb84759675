"""What is said of the next task rests on enough of those before it, and is one of their figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.estimate import (
    MIN_SAMPLES,
    Estimate,
    Percentiles,
    Sample,
    estimate,
    expected_cost,
    percentiles,
)
from shared.openai.request import EXPECTED_COST


def test_nothing_is_said_on_too_few() -> None:
    assert percentiles([1] * (MIN_SAMPLES - 1)) is None
    assert percentiles([1] * MIN_SAMPLES) == Percentiles(1, 1)
    assert estimate([]) == Estimate(0, None, None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5, 1, 4, 2, 3], Percentiles(3, 5)),
        (list(range(1, 11)), Percentiles(5, 9)),
        (list(range(1, 101)), Percentiles(50, 90)),
    ],
)
def test_half_stay_below_one_and_nine_of_ten_below_the_other(
    values: list[int], expected: Percentiles
) -> None:
    assert percentiles(values) == expected


@given(st.lists(st.integers(0, 10**9), min_size=MIN_SAMPLES))
def test_both_are_figures_that_have_been_seen(values: list[int]) -> None:
    found = percentiles(values)
    assert found is not None
    assert {found.p50, found.p90} <= set(values)
    assert sum(value <= found.p50 for value in values) * 2 >= len(values)
    assert sum(value <= found.p90 for value in values) * 10 >= len(values) * 9
    assert sum(value < found.p90 for value in values) * 10 < len(values) * 9


def test_costs_that_are_not_known_are_no_costs_of_nothing() -> None:
    samples = [Sample(1_000, None, 0)] * 3 + [Sample(2_000, 7, 0)] * 4
    assert estimate(samples) == Estimate(7, Percentiles(2_000, 2_000), None)


def test_a_budget_keeps_room_for_all_but_the_dearest_tasks() -> None:
    assert expected_cost([Sample(1, 9, 0)] * (MIN_SAMPLES - 1)) == EXPECTED_COST
    assert expected_cost([Sample(1, cost, 0) for cost in range(1, 11)]) == 9
