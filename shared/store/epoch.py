"""The store's side of noticing a rollback: its history, and the claims counted in it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from redis.asyncio import Redis

from shared.store import keys
from shared.store.epoch_mark import EpochMark
from shared.store.scripts import COMPARE_EPOCH, Request

COMPARE_WINDOW_MS = 5_000
"""Milliseconds that the other pollers have to compare epochs after Redis restarted."""


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
        self._keys = {
            "epoch": keys.epoch(provider),
            "sequence": keys.SEQUENCE,
            "pollers": keys.pollers(provider),
        }

    async def compare(self, remembered: EpochMark | None, poller: str) -> EpochComparison:
        """Compare the store with what is remembered; a new history begins where it is behind."""
        mark = remembered or EpochMark("", 0)
        args = {
            "mark": asdict(mark),
            "new_id": self._new_id(),
            "poller": poller,
            "window": COMPARE_WINDOW_MS,
        }
        result = await COMPARE_EPOCH.run(self._redis, Request(self._keys, args))
        epoch, claims, before, behind = result.reply
        found = EpochMark(epoch.decode(), int(claims))
        return EpochComparison(found, bool(behind), int(before))
