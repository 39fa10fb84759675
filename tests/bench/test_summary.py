"""What is said of several rounds."""

import pytest

from bench.summary import Spread, medians, quantile, spreads


def test_a_median_is_told_with_the_lowest_and_highest_round() -> None:
    rounds = [{"ours": {"ms": 3.0}}, {"ours": {"ms": 1.0}}, {"ours": {"ms": 2.5}}]
    assert spreads(rounds) == {"ours": {"ms": Spread(2.5, 1.0, 3.0)}}


def test_a_round_without_a_subject_does_not_hide_the_others() -> None:
    rounds = [{"ours": {"ms": 1.0}}, {"ours": {"ms": 3.0}, "theirs": {"ms": 9.0}}]
    assert medians(rounds) == {"ours": {"ms": 2.0}, "theirs": {"ms": 9.0}}


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
