"""The store's time, carried on by this machine's clock."""

from services.poller.store_clock import StoreClock


def test_a_machine_that_is_five_minutes_fast_tells_the_stores_time() -> None:
    local = 1_000_000
    clock = StoreClock(lambda: local)
    assert clock() == local
    clock.sync(700_000)
    assert clock() == 700_000
    local += 500
    assert clock() == 700_500
