"""The pollers know who of them is alive, and take turns at the sweep."""

from redis.asyncio import Redis

from shared.domain.provider_health import Standing
from shared.store import Fleet, clock


async def test_a_poller_is_alive_while_it_speaks(redis: Redis) -> None:
    fleet = Fleet(redis, "openai")
    before = await clock.now(redis)
    first = await fleet.beat("host:1", 10_000)
    assert before <= first.now <= await clock.now(redis)
    second = await fleet.beat("host:2", 10_000)
    assert (first.alive, second.alive) == (1, 2)
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


async def test_what_the_living_tell_of_the_provider_is_read(redis: Redis) -> None:
    fleet = Fleet(redis, "openai")
    assert await fleet.standings() == []
    good, bad = Standing(20, 0, 300), Standing(3, 3, 20_000, "no answer within 20 s")
    for name, standing in (("host:1", good), ("host:2", bad), ("dead:1", bad)):
        await fleet.beat(name, -1 if name == "dead:1" else 10_000)
        await fleet.tell(name, standing)
    await fleet.beat("silent:1", 10_000)
    found = await fleet.standings()
    assert sorted(found, key=lambda each: each.failed) == [good, bad]
    assert await Fleet(redis, "simulator").standings() == []


async def test_what_was_told_long_ago_is_forgotten(redis: Redis) -> None:
    fleet = Fleet(redis, "openai")
    await fleet.beat("host:1", 60_000)
    await fleet.tell("host:1", Standing(1, 0, 300))
    assert 0 < await redis.pttl("backburner:standing:openai:host:1") <= 30_000
