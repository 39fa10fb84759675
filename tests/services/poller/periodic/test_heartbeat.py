"""Each beat says that the poller lives, sets its clock, and tells of a store that is silent."""

import asyncio

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from services.poller.periodic import heartbeat
from services.poller.periodic.heartbeat import Heartbeat
from services.poller.store_clock import StoreClock
from shared.store import PollerRegistry, clock
from shared.store.pollers import Beat


async def test_a_heartbeat_registers_the_poller_and_synchronises_the_clock(redis: Redis) -> None:
    fleet, server_clock = PollerRegistry(redis, "openai"), StoreClock(lambda: 5)
    before = await clock.now(redis)
    await Heartbeat("host:1", fleet, server_clock).run()
    assert await fleet.alive() == ["host:1"]
    assert before <= server_clock() <= await clock.now(redis)


async def test_a_poller_knows_how_many_there_are(redis: Redis) -> None:
    fleet = PollerRegistry(redis, "openai")
    beats = [Heartbeat(f"host:{each}", fleet, StoreClock(lambda: 5)) for each in range(3)]
    assert [beat.pollers for beat in beats] == [1, 1, 1]
    for beat in beats:
        await beat.run()
    await beats[0].run()
    assert [beat.pollers for beat in beats] == [3, 2, 3]
    await fleet.leave("host:2")
    await beats[0].run()
    assert beats[0].pollers == 2


async def test_an_unresponsive_redis_and_its_recovery_are_logged(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "SLOW_REPLY_S", 0.01)
    silent = asyncio.Event()

    class SilentFleet(PollerRegistry):
        async def beat(self, poller: str, life: int) -> Beat:
            await silent.wait()
            return await super().beat(poller, life)

    with capture_logs() as logs:
        beat = asyncio.create_task(
            Heartbeat("host:1", SilentFleet(redis, "openai"), StoreClock(lambda: 0)).run()
        )
        async with asyncio.timeout(5):
            while not logs:
                await asyncio.sleep(0)
        assert [line["event"] for line in logs] == ["redis_unresponsive"]
        silent.set()
        await beat
    assert logs[-1]["event"] == "redis_recovered"
