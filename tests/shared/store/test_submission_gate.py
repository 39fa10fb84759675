"""Submission pauses for everybody, one task at a time tries whether it is mended."""

import pytest
from redis.asyncio import Redis

from shared.domain.states import PauseReason
from shared.store import SubmissionGate, clock, keys


@pytest.fixture
def gate(redis: Redis) -> SubmissionGate:
    return SubmissionGate(redis, "openai")


async def test_a_closed_gate_says_why_and_when_to_try(gate: SubmissionGate, redis: Redis) -> None:
    assert await gate.pause_state() is None
    before = await clock.now(redis)
    await gate.close(PauseReason.QUOTA, "No quota left.", 60_000)
    closed = await gate.pause_state()
    assert closed is not None
    assert (closed.reason, closed.message) == (PauseReason.QUOTA, "No quota left.")
    assert closed.probe_at == closed.since + 60_000 >= before + 60_000


async def test_closed_again_it_keeps_since_when_and_takes_the_new_reason(
    gate: SubmissionGate, redis: Redis
) -> None:
    await gate.close(PauseReason.QUOTA, "No quota left.", 0)
    await redis.hset(keys.submission_gate("openai"), "since", 5)
    await gate.close(PauseReason.BAD_KEY, "Refused.", 60_000)
    closed = await gate.pause_state()
    assert closed is not None
    assert (closed.reason, closed.message, closed.since) == (PauseReason.BAD_KEY, "Refused.", 5)


async def test_one_task_probes_at_a_time_and_the_others_wait_for_it_until_the_gate_opens(
    gate: SubmissionGate, redis: Redis
) -> None:
    await gate.close(PauseReason.QUOTA, "No quota left.", 0)
    before = await clock.now(redis)
    assert [await gate.acquire_probe(60_000) for _ in range(3)] == [True, False, False]
    closed = await gate.pause_state()
    assert closed is not None
    assert closed.probe_at >= before + 60_000
    await gate.open()
    assert await gate.pause_state() is None
    assert await gate.acquire_probe(60_000)


async def test_a_reason_that_earlier_versions_cannot_read_is_stored_beside_one_that_they_can(
    gate: SubmissionGate, redis: Redis
) -> None:
    await gate.close(PauseReason.PROVIDER_REFUSES, "Refused.", 0)
    closed = await gate.pause_state()
    assert closed is not None
    assert closed.reason is PauseReason.PROVIDER_REFUSES
    assert await redis.hget(keys.submission_gate("openai"), "reason") == b"bad_key"
    await redis.hset(keys.submission_gate("openai"), "reason", "quota")  # by an earlier version
    closed = await gate.pause_state()
    assert closed is not None
    assert closed.reason is PauseReason.QUOTA


async def test_a_refused_task_counts_once_until_one_is_accepted(gate: SubmissionGate) -> None:
    counts = [await gate.count_refusal(task) for task in ("task_1", "task_1", "task_2")]
    assert counts == [1, 1, 2]
    assert not await gate.open()
    assert [await gate.count_refusal(task) for task in ("task_1", "task_3")] == [0, 1]


async def test_each_provider_has_its_own(gate: SubmissionGate, redis: Redis) -> None:
    await gate.close(PauseReason.QUOTA, "No quota left.", 0)
    assert await SubmissionGate(redis, "simulator").pause_state() is None
