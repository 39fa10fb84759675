"""A name has so many requests a minute, however they are spread, and costs one number."""

from hypothesis import given
from hypothesis import strategies as st

from services.api.auth.rate_limit import RateLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_whole_minutes_requests_may_come_at_once_and_then_one_by_one() -> None:
    clock = Clock()
    rates = RateLimiter(clock)
    assert [rates.acquire("alice", 6) for _ in range(6)] == [0] * 6
    assert rates.acquire("alice", 6) == 10
    clock.now += 9.5
    assert rates.acquire("alice", 6) == 1
    clock.now += 0.5
    assert [rates.acquire("alice", 6) for _ in range(2)] == [0, 10]


def test_names_do_not_share() -> None:
    rates = RateLimiter(Clock())
    assert [rates.acquire("alice", 1), rates.acquire("alice", 1)] == [0, 60]
    assert rates.acquire("bob", 1) == 0


def test_a_long_rest_saves_up_no_more_than_a_minute() -> None:
    clock = Clock()
    rates = RateLimiter(clock)
    rates.acquire("alice", 3)
    clock.now += 3600
    assert [rates.acquire("alice", 3) for _ in range(4)] == [0, 0, 0, 20]


def test_a_time_that_sums_do_not_hit_exactly_refuses_nobody() -> None:
    clock = Clock()
    clock.now += 1.4027845609579561
    assert RateLimiter(clock).acquire("alice", 1) == 0


@given(st.integers(1, 300), st.lists(st.floats(0, 30), max_size=200))
def test_no_minute_grants_twice_the_limit(per_minute: int, pauses: list[float]) -> None:
    clock = Clock()
    rates = RateLimiter(clock)
    granted = []
    for pause in pauses:
        clock.now += pause
        if acquire := rates.acquire("alice", per_minute):
            clock.now += acquire
            assert rates.acquire("alice", per_minute) == 0
        granted.append(clock.now)
    for start in granted:
        assert sum(start <= time < start + 60 for time in granted) <= 2 * per_minute
