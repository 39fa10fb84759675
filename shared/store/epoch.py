"""The store's side of noticing a rollback: its history, and the claims counted in it."""

from collections.abc import Callable
from dataclasses import dataclass

from redis.asyncio import Redis

from shared.store import keys
from shared.store.epoch_mark import EpochMark
from shared.store.scripts import COMPARE_EPOCH

COMPARE_WINDOW_MS = 5_000
"""Milliseconds that the other pollers have to compare after the server was started anew."""


@dataclass(frozen=True, slots=True)
class EpochComparison:
    """What a comparison found.

    Waiting tasks up to the sequence number ``before`` may have been sent in a history that is lost.
    """

    mark: EpochMark
    behind: bool
    before: int


class StoreEpoch:
    """The history of one provider's tasks in this store."""

    def __init__(self, redis: Redis, provider: str, new_id: Callable[[], str]) -> None:
        self._redis = redis
        self._new_id = new_id
        self._keys = [keys.epoch(provider), keys.SEQUENCE, keys.pollers(provider)]

    async def compare(self, remembered: EpochMark | None, poller: str) -> EpochComparison:
        """Compare the store with what is remembered; a new history begins where it is behind."""
        mark = remembered or EpochMark("", 0)
        arguments = (mark.epoch, mark.claims, self._new_id(), poller, COMPARE_WINDOW_MS)
        result = await COMPARE_EPOCH.run(
            self._redis, self._keys, [str(value).encode() for value in arguments]
        )
        history, claims, before, behind = result.reply
        found = EpochMark(history.decode(), int(claims))
        return EpochComparison(found, bool(behind), int(before))
