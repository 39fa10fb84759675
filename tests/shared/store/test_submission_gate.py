"""Submission pauses for everybody, one task at a time tries whether it is mended."""

import pytest
from redis.asyncio import Redis

from shared.domain.states import Pause
from shared.store import Gate, clock, keys


@pytest.fixture
def gate(redis: Redis) -> Gate:
    return Gate(redis, "openai")


async def test_a_closed_gate_says_why_and_when_to_try(gate: Gate, redis: Redis) -> None:
    assert await gate.closed() is None
    before = await clock.now(redis)
    await gate.close(Pause.QUOTA, "No quota left.", 60_000)
    closed = await gate.closed()
    assert closed is not None
    assert (closed.reason, closed.message) == (Pause.QUOTA, "No quota left.")
    assert closed.probe_at == closed.since + 60_000 >= before + 60_000


async def test_closed_again_it_keeps_since_when_and_takes_the_new_reason(
    gate: Gate, redis: Redis
) -> None:
    await gate.close(Pause.QUOTA, "No quota left.", 0)
    await redis.hset(keys.gate("openai"), "since", 5)
    await gate.close(Pause.BAD_KEY, "Refused.", 60_000)
    closed = await gate.closed()
    assert closed is not None
    assert (closed.reason, closed.message, closed.since) == (Pause.BAD_KEY, "Refused.", 5)


async def test_one_probe_at_a_time_until_the_gate_opens(gate: Gate) -> None:
    await gate.close(Pause.QUOTA, "No quota left.", 0)
    assert [await gate.may_probe(60_000) for _ in range(3)] == [True, False, False]
    await gate.open()
    assert await gate.closed() is None
    assert await gate.may_probe(60_000)


async def test_a_probe_sends_the_others_home_for_as_long_as_it_lasts(
    gate: Gate, redis: Redis
) -> None:
    await gate.close(Pause.QUOTA, "No quota left.", 0)
    before = await clock.now(redis)
    assert await gate.may_probe(60_000)
    closed = await gate.closed()
    assert closed is not None
    assert closed.probe_at >= before + 60_000


async def test_each_provider_has_its_own(gate: Gate, redis: Redis) -> None:
    await gate.close(Pause.QUOTA, "No quota left.", 0)
    assert await Gate(redis, "simulator").closed() is None
