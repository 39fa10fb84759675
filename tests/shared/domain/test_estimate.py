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
    input_cost,
    percentiles,
    usual_output_cost,
)
from shared.openai.model import ACTIVE

UNKNOWN = ACTIVE.expected_cost


def test_too_few_samples_give_no_estimate() -> None:
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


def test_the_input_is_counted_as_a_token_for_four_bytes_or_less() -> None:
    assert input_cost(len(b"")) == 0
    price = ACTIVE.prices[-1].input
    assert input_cost(len(b"x")) == input_cost(len(b"four")) == price
    assert input_cost(len(b"x" * 400_001)) == 100_001 * price


def of(owner: str | None, *costs: int | None) -> list[Sample]:
    return [Sample(1, cost, 0, cost, owner) for cost in costs]


@pytest.mark.parametrize(
    ("samples", "own", "expected"),
    [
        pytest.param([], [], UNKNOWN, id="nothing is known"),
        pytest.param(of("anna", *range(1, 11)), [], 9, id="all but the dearest of the owner's"),
        pytest.param(of("anna", 1, 1, 1, 1, None), [], UNKNOWN, id="too few with a cost"),
        pytest.param(of("bo", *[1] * 200), [], UNKNOWN, id="one other owner is not enough"),
        pytest.param(
            of("bo", *[1] * 200), of("anna", *[7] * 5), 7, id="another's push nothing out"
        ),
        pytest.param(
            [*of("bo", *[1] * 180), *of("carl", *[5] * 5), *of(None, *[9] * 5)],
            of("anna", 3, 3, 3, 3),
            5,
            id="the usual of several owners, each counted once",
        ),
        pytest.param(
            [*of("bo", *[1] * 5), *of("carl", *[5] * 5), *of(None, *[10**9] * 5)],
            [],
            5,
            id="nor does one owner make it dearer for the others",
        ),
    ],
)
def test_a_budget_keeps_room_for_what_the_owners_tasks_usually_cost_beyond_their_input(
    samples: list[Sample], own: list[Sample], expected: int
) -> None:
    assert usual_output_cost("anna", samples, own) == expected


def test_without_owners_all_tasks_are_the_owners_own() -> None:
    assert usual_output_cost(None, of(None, *range(1, 11))) == 9
