"""What runs in the background ends when it is told to, whatever it does with a cancellation."""

import asyncio

from shared.runtime.cancellation import cancel_and_wait


class Swallowed(Exception):
    """What a task may end with when it is cancelled."""


async def deaf(times: int) -> None:
    """Drops so many cancellations, as redis-py does now and then."""
    while times:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            times -= 1
    await asyncio.Event().wait()


async def test_a_lost_cancellation_is_repeated() -> None:
    task = asyncio.create_task(deaf(2))
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await cancel_and_wait(task)
    assert task.cancelled()


async def test_a_task_that_has_ended_or_fails_does_not_block() -> None:
    async def fails() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise Swallowed

    over, failing = asyncio.create_task(asyncio.sleep(0)), asyncio.create_task(fails())
    await over
    await cancel_and_wait(over, failing)
    assert isinstance(failing.exception(), Swallowed)


async def test_ending_nothing_is_no_wait() -> None:
    await cancel_and_wait()
