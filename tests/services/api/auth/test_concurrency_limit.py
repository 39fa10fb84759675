"""What runs at once is limited, and a crowd of one owner's requests delays no other owner."""

import asyncio

import pytest

from services.api.auth.concurrency_limit import ConcurrencyLimiter


class Crowd:
    """Requests of several owners at one limiter; each ends when the test says so."""

    def __init__(self, limiter: ConcurrencyLimiter) -> None:
        self._limiter = limiter
        self.running: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, asyncio.Event] = {}

    async def start(self, *names: str) -> list[str]:
        """Start requests; a name's first letter is its owner. Returns what runs now."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._run(name))
        return await self.now()

    async def end(self, *names: str) -> list[str]:
        for name in names:
            self._ends[name].set()
        return await self.now()

    async def now(self) -> list[str]:
        for _ in range(4):
            await asyncio.sleep(0)
        return sorted(self.running)

    async def _run(self, name: str) -> None:
        async with self._limiter.slot(name[0]):
            self.running.append(name)
            try:
                await self._ends[name].wait()
            finally:
                self.running.remove(name)


async def test_one_owner_and_all_together_have_no_more_slots_than_allowed() -> None:
    crowd = Crowd(ConcurrencyLimiter(per_owner=2, total=3))
    assert await crowd.start("a1", "a2", "a3") == ["a1", "a2"]
    assert await crowd.start("b1", "b2") == ["a1", "a2", "b1"]
    assert await crowd.end("b1") == ["a1", "a2", "b2"]
    assert await crowd.end("a1") == ["a2", "a3", "b2"]
    assert await crowd.end("a2", "a3", "b2") == []


async def test_owners_take_turns_however_many_requests_one_has() -> None:
    crowd = Crowd(ConcurrencyLimiter(per_owner=1, total=1))
    await crowd.start("a0", "a1", "a2", "a3", "b1", "c1", "b2")
    order = []
    while now := await crowd.now():
        order += now
        await crowd.end(*now)
    assert order == ["a0", "a1", "b1", "c1", "a2", "b2", "a3"]


@pytest.mark.parametrize("granted", [False, True], ids=["waiting", "granted"])
async def test_a_cancelled_request_leaves_its_slot_to_the_next(*, granted: bool) -> None:
    crowd = Crowd(ConcurrencyLimiter(per_owner=1))
    await crowd.start("a1", "a2", "a3")
    if granted:  # in the same step: the slot is granted, and its caller has not run yet
        crowd.tasks["a1"].cancel()
        await asyncio.sleep(0)
    crowd.tasks["a2"].cancel()
    await crowd.now()
    assert await crowd.end("a1") == ["a3"]
    assert await crowd.end("a3") == []
    assert await crowd.start("a4") == ["a4"]
    await crowd.end("a4")


async def test_a_slot_given_back_while_its_holder_waits_is_taken_by_the_next() -> None:
    limiter = ConcurrencyLimiter(per_owner=1)
    change = asyncio.Event()
    seen = []

    async def wait() -> None:
        async with limiter.slot("a") as slot, slot.given_back():
            await change.wait()
        seen.append("waited")

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    async with limiter.slot("a"):
        change.set()
        for _ in range(4):
            await asyncio.sleep(0)
        assert seen == []  # it has to wait for its turn again
    await waiting
    assert seen == ["waited"]


async def test_a_waiter_that_is_cancelled_ends_at_once_and_holds_nothing() -> None:
    limiter = ConcurrencyLimiter(per_owner=1)

    async def wait() -> None:
        async with limiter.slot("a") as slot, slot.given_back():
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    async with limiter.slot("a"):
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with asyncio.timeout(1), limiter.slot("a"):
        pass
