"""The pollers know who of them is alive, and take turns at the sweep."""

from redis.asyncio import Redis

from shared.domain.provider_health import ProviderHealth
from shared.store import PollerRegistry, clock


async def test_a_poller_is_alive_while_it_sends_heartbeats(redis: Redis) -> None:
    fleet = PollerRegistry(redis, "openai")
    before = await clock.now(redis)
    first = await fleet.beat("host:1", 10_000)
    assert before <= first.now <= await clock.now(redis)
    second = await fleet.beat("host:2", 10_000)
    assert (first.alive, second.alive) == (1, 2)
    assert set(await fleet.alive()) == {"host:1", "host:2"}
    await fleet.leave("host:1")
    assert await fleet.alive() == ["host:2"]
    assert await PollerRegistry(redis, "simulator").alive() == []


async def test_a_silent_poller_is_not_alive(redis: Redis) -> None:
    fleet = PollerRegistry(redis, "openai")
    await fleet.beat("silent:1", -1)
    assert await fleet.alive() == []
    await fleet.beat("host:1", 10_000)
    assert await fleet.alive() == ["host:1"]


async def test_one_sweeps_for_all(redis: Redis) -> None:
    fleets = [PollerRegistry(redis, "openai") for _ in range(3)]
    assert [await fleet.acquire_sweep_lease(60_000) for fleet in fleets] == [True, False, False]
    assert await PollerRegistry(redis, "simulator").acquire_sweep_lease(60_000)


async def test_the_provider_health_of_live_pollers_is_read_and_expires(redis: Redis) -> None:
    fleet = PollerRegistry(redis, "openai")
    assert await fleet.provider_health() == []
    good, bad = ProviderHealth(20, 0, 300), ProviderHealth(3, 3, 20_000, "no answer within 20 s")
    for name, standing in (("host:1", good), ("host:2", bad), ("dead:1", bad)):
        await fleet.beat(name, -1 if name == "dead:1" else 10_000)
        await fleet.publish_health(name, standing)
    await fleet.beat("silent:1", 10_000)
    found = await fleet.provider_health()
    assert sorted(found, key=lambda each: each.failed) == [good, bad]
    assert await PollerRegistry(redis, "simulator").provider_health() == []
    assert 0 < await redis.pttl("backburner:provider_health:openai:host:1") <= 30_000
