"""Waits for the disk once for all that comes at the same time: what databases call group commit."""

import asyncio
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from shared.store.replicas import Replicas
from shared.store.scripts import Call, Result, confirmed

MOST = 256
"""Calls that share one confirmation."""

ON_THEIR_WAY = 2
"""Batches, each on a connection of its own: while the disk has one, the server has the other."""


@dataclass(frozen=True, eq=False, slots=True)
class _Batch:
    calls: list[Call]
    sent: asyncio.Task[list[Result]]


class GroupCommit:
    """Confirms scripts in batches: while some are on their way, the next one gathers.

    All scripts of a batch come before its one WAITAOF, on one connection, so what that says holds
    for each of them. A call whose caller has left is made all the same.
    """

    def __init__(self, redis: Redis, replicas: Replicas) -> None:
        self._redis = redis
        self._replicas = replicas
        self._gathering: _Batch | None = None
        self._turn = asyncio.Semaphore(ON_THEIR_WAY)

    async def run(self, call: Call) -> Result:
        """As ``Script.run`` with ``confirm``; raises redis-py's errors, to all of a batch alike."""
        try:
            return await self._join(call)
        except NoScriptError:
            await self._redis.script_load(call.script.source)
            return await self._join(call)

    async def _join(self, call: Call) -> Result:
        batch = self._gathering
        if batch is None or len(batch.calls) == MOST:
            calls: list[Call] = []
            batch = _Batch(calls, asyncio.create_task(self._send(calls)))
            self._gathering = batch
        number = len(batch.calls)
        batch.calls.append(call)
        results = await asyncio.shield(batch.sent)
        return results[number].unless_refused()

    async def _send(self, calls: list[Call]) -> list[Result]:
        async with self._turn:
            if self._gathering and self._gathering.calls is calls:
                self._gathering = None
            return await confirmed(self._redis, calls, self._replicas)
