"""Rounds go on, whatever becomes of one of them."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from services.poller.periodic.loop import run_periodically


@pytest.mark.parametrize("error", [RedisConnectionError(), OSError(), ValueError("a bad record")])
async def test_a_round_that_fails_ends_no_other(error: Exception) -> None:
    turns = iter([error, error, None])
    over = asyncio.Event()

    async def run() -> None:
        if failing := next(turns):
            raise failing
        over.set()
        await asyncio.Event().wait()

    rounds = asyncio.create_task(run_periodically(run, interval_s=0))
    await asyncio.wait_for(over.wait(), 5)
    assert not rounds.done()
    rounds.cancel()
    await asyncio.wait({rounds})
