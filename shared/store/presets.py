"""Keeps each owner's saved instructions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from redis.asyncio import Redis

from shared.store import keys

MAX_PRESETS = 100
"""Per owner. With the limit on each text this bounds what an owner can store here."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A developer message under a name."""

    id: str
    name: str
    text: str


class Presets:
    """The saved instructions of all owners. Raises redis-py's errors when the store is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def list(self, owner: str | None) -> Sequence[Preset]:
        """Those of one owner, by name."""
        found: dict[bytes, bytes] = await self._redis.hgetall(keys.presets(owner))
        known: list[tuple[bytes, Any]] = [
            (key, orjson.loads(value)) for key, value in found.items()
        ]
        presets = [Preset(key.decode(), each["name"], each["text"]) for key, each in known]
        return sorted(presets, key=lambda preset: preset.name.casefold())

    async def put(self, owner: str | None, preset: Preset) -> bool:
        """Write a preset; False where the owner has too many."""
        key = keys.presets(owner)
        known = await self._redis.hexists(key, preset.id)
        if not known and await self._redis.hlen(key) >= MAX_PRESETS:
            return False
        await self._redis.hset(
            key, preset.id, orjson.dumps({"name": preset.name, "text": preset.text})
        )
        return True

    async def delete(self, owner: str | None, preset_id: str) -> None:
        """Remove a preset, if it is there."""
        await self._redis.hdel(keys.presets(owner), preset_id)
