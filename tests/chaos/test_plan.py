"""A plan is drawn from its seed alone, and leaves no kind of fault out."""

from collections import Counter

import pytest

from tests.chaos.plan import (
    BURST,
    DURATION_S,
    MEAN_INTERVAL_S,
    ON_CREATE,
    ON_RETRIEVE,
    POLLER_KILLED,
    WARM_UP_S,
    Fault,
    Plan,
    draw,
)

SIZES = [(60, 60), (75, 90), (300, 500), (1200, 500)]


def test_the_same_seed_gives_the_same_plan_and_another_gives_another() -> None:
    assert draw(7, 300, 500, 4) == draw(7, 300, 500, 4)
    assert draw(7, 300, 500, 4) != draw(8, 300, 500, 4)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("seconds", "tasks"), SIZES)
def test_every_kind_falls_at_least_once_and_a_kill_every_three_seconds(
    seed: int, seconds: int, tasks: int
) -> None:
    plan = draw(seed, seconds, tasks, 4)
    kinds = Counter(fault.kind for fault in plan.faults)

    assert set(MEAN_INTERVAL_S) <= set(kinds)
    assert {f"create: {provider_fault['kind']}" for provider_fault in ON_CREATE} <= set(kinds)
    assert {f"retrieve: {provider_fault['kind']}" for provider_fault in ON_RETRIEVE} <= set(kinds)
    assert seconds / kinds[POLLER_KILLED] <= 3
    assert len(plan.submissions) == tasks


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("seconds", "tasks"), SIZES)
def test_at_every_kill_enough_tasks_are_handed_in_and_not_yet_ended(
    seed: int, seconds: int, tasks: int
) -> None:
    plan = draw(seed, seconds, tasks, 4)
    run = plan.run_seconds
    for fault in plan.faults:
        if fault.kind == POLLER_KILLED:
            begun = [at for at in plan.submissions if fault.at - run <= at <= fault.at]
            assert len(begun) >= min(40, tasks // 2)


def test_the_provider_works_no_longer_than_it_must() -> None:
    faults = [Fault(20, POLLER_KILLED), Fault(31, POLLER_KILLED)]
    plan = Plan(0, 60, 4, [0, 0, 20, 20], faults)
    assert plan.run_seconds == 11


def test_faults_come_in_order_within_the_run_and_leave_the_start_alone() -> None:
    plan = draw(3, 300, 500, 4)
    moments = [fault.at for fault in plan.faults]
    assert moments == sorted(moments)
    assert min(moments) >= WARM_UP_S
    assert max(moments) <= plan.seconds


def test_each_fault_lasts_as_long_as_its_kind_does() -> None:
    for fault in draw(3, 1200, 500, 4).faults:
        shortest, longest = DURATION_S.get(fault.kind, (0, 0))
        assert shortest <= fault.seconds <= longest


def test_a_burst_is_met_by_a_kill() -> None:
    plan = draw(3, 300, 500, 4)
    bursts = [at for at, number in Counter(plan.submissions).items() if at and number == BURST]
    kills = [fault.at for fault in plan.faults if fault.kind == POLLER_KILLED]
    assert len(bursts) == 6
    assert all(at + 0.8 in kills for at in bursts)


def test_blows_are_spread_over_all_pollers() -> None:
    targets = Counter(f.target for f in draw(3, 300, 500, 4).faults if f.kind == POLLER_KILLED)
    assert set(targets) == {0, 1, 2, 3}
    assert max(targets.values()) < 2 * min(targets.values())
