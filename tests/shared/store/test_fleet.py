"""The pollers know who of them is alive, and take turns at the sweep."""

from redis.asyncio import Redis

from shared.store import Fleet, clock


async def test_a_poller_is_alive_while_it_speaks(redis: Redis) -> None:
    fleet = Fleet(redis, "openai")
    before = await clock.now(redis)
    assert before <= await fleet.beat("host:1", 10_000) <= await clock.now(redis)
    await fleet.beat("host:2", 10_000)
    assert set(await fleet.alive()) == {"host:1", "host:2"}
    await fleet.leave("host:1")
    assert await fleet.alive() == ["host:2"]
    assert await Fleet(redis, "simulator").alive() == []


async def test_one_that_fell_silent_is_dead_and_forgotten(redis: Redis) -> None:
    fleet = Fleet(redis, "openai")
    await fleet.beat("silent:1", -1)
    assert await fleet.alive() == []
    await fleet.beat("host:1", 10_000)
    assert await fleet.alive() == ["host:1"]


async def test_one_sweeps_for_all(redis: Redis) -> None:
    fleets = [Fleet(redis, "openai") for _ in range(3)]
    assert [await fleet.may_sweep(60_000) for fleet in fleets] == [True, False, False]
    assert await Fleet(redis, "simulator").may_sweep(60_000)
