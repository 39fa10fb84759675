"""Tells one store from another, and one that may have been set back from one that only went on."""

from collections.abc import Callable
from dataclasses import dataclass

from redis.asyncio import Redis

from shared.store import keys


@dataclass(frozen=True, slots=True)
class StoreIdentity:
    """``store`` goes with the data; ``run`` is another each time that a server starts with them.

    As long as both are the same, no change was taken back.
    """

    store: str
    run: str


class IdentityReader:
    """Where what is derived from the store comes from."""

    def __init__(self, redis: Redis, new_id: Callable[[], str]) -> None:
        self._redis = redis
        self._new_id = new_id

    async def read(self) -> tuple[StoreIdentity, int]:
        """The store's identity, and the number of its last change, at one moment."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.get(keys.STORE)
            pipe.info("server")
            pipe.get(keys.CHANGE_COUNTER)
            store, server, number = await pipe.execute()
        if store is None:
            await self._redis.set(keys.STORE, self._new_id(), nx=True)
            return await self.read()
        return StoreIdentity(store.decode(), str(server["run_id"])), int(number or 0)
