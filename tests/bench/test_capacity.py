"""What many tasks need, by the model."""

import json

import pytest

from bench import capacity, scaling
from bench.capacity import Line, Model, fit, model, most, need

MODEL = Model(
    poller=Line(0.1, 0.0006),
    store=Line(0.0, 0.0002),
    commands=Line(50, 30),
    store_bytes=Line(1_000_000, 2_000),
    poller_mib=Line(80, 0.0005),
)


def test_points_on_a_line_give_that_line() -> None:
    assert fit([(0, 1), (10, 21), (20, 41)]) == Line(1, 2)


def test_a_base_is_never_negative() -> None:
    line = fit([(1, 1), (2, 4)])
    assert line == Line(0, pytest.approx(1.8))


def test_one_point_is_no_line() -> None:
    with pytest.raises(ValueError, match="two points"):
        fit([(1, 1), (1, 1)])


def test_a_million_tasks_need_as_many_pollers_and_stores_as_their_polls_take() -> None:
    million = need(MODEL, 1_000_000)
    assert million.polls == pytest.approx(16_393, abs=1)
    assert million.pollers == 17  # 16,393 polls of 0.6 ms by cores of which 0.6 is left
    assert million.store_cores == pytest.approx(3.28, abs=0.01)
    assert million.stores == 5
    assert million.store_gb == pytest.approx(2.001)


def test_what_one_poller_holds_at_most_needs_one_and_a_little_more_needs_two() -> None:
    poller, _ = most(MODEL)
    assert need(MODEL, poller).pollers == 1
    assert need(MODEL, poller + 2_000).pollers == 2


def test_a_level_at_which_polls_were_late_says_nothing_of_their_cost() -> None:
    def level(rate: float, cpu: float, p99: float) -> dict[str, float]:
        same = {"store_cpu": rate / 50, "commands": rate * 30, "kb": 2.0, "mib": 80.0}
        return {"rate": rate, "cpu": cpu, "p99": p99, **same}

    levels = {1_000: level(10, 1, 50), 10_000: level(100, 10, 60), 50_000: level(500, 100, 9_000)}
    assert model(levels).poller.slope == pytest.approx(0.001)


def test_the_page_says_what_the_model_makes_of_the_figures_that_are_kept() -> None:
    rounds = json.loads(scaling.FIGURES.read_text())["rounds"]
    assert scaling.text(rounds) in scaling.PAGE.read_text()
    assert capacity.INTERVAL == 61
