"""Tries in the store itself what accepting and sending tasks need."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from shared.domain.errors import StoreRefuses
from shared.store import keys, rights
from shared.store.durability import Durability, read_durability
from shared.store.replicas import Replicas
from shared.store.scripts import CONFIRM_MS

INTERVAL_S = 30.0
"""Between two trials of a process."""

MIB = 2**20

log = structlog.get_logger("shared.store")


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What the store refuses until somebody changes it, and why it takes no write just now."""

    refused: tuple[str, ...] = ()
    failure: str | None = None
    durability: Durability = Durability.UNKNOWN


@dataclass(slots=True)
class StoreTrial:
    """The trials of one process, and the ``result`` of the latest.

    ``replicas`` says how many must have a write; None where the store cannot confirm one.
    """

    redis: Redis
    provider: str
    replicas: Replicas | None
    result: TrialResult = field(default_factory=TrialResult)

    async def require(self, large_bytes: int) -> None:
        """Raise StoreRefuses if a right is missing or a value of ``large_bytes`` is not taken.

        A store that takes no write just now is logged only. Raises redis-py's errors.
        """
        result = await self._try()
        if refused := result.refused or await self._refuses_large(large_bytes):
            raise StoreRefuses(refused)
        self._note(result)

    async def run(self) -> None:
        """Try all but a large value; log when something begins or ceases to be refused."""
        self._note(await self._try())

    def _note(self, result: TrialResult) -> None:
        before, self.result = self.result, result
        trouble = self.result.refused, self.result.failure
        if trouble == (before.refused, before.failure):
            return
        if any(trouble):
            log.error("store_trial_failed", refused=self.result.refused, reason=self.result.failure)
        else:
            log.info("store_trial_passed")

    async def _try(self) -> TrialResult:
        durability = await read_durability(self.redis, confirmed=self.replicas is not None)
        prefix = f"{keys.TRIAL}:{secrets.token_hex(8)}"
        tried = [(f"{keys.TRIAL}:*", command) for command in rights.commands(prefix)]
        tried += [
            (pattern, ("EVALSHA", rights.DIGEST, 1, key))
            for pattern, key in rights.patterns(self.provider).items()
        ]
        if self.replicas is not None:
            # On the same connection: WAITAOF and WAIT speak only for its own writes.
            waits = ("WAITAOF", 1, 0, CONFIRM_MS), ("WAIT", self.replicas.needed, CONFIRM_MS)
            tried += [("", command) for command in (("INFO", "replication"), *waits)]
        async with self.redis.pipeline(transaction=False) as pipe:
            for _, command in tried:
                pipe.execute_command(*command)
            replies = await pipe.execute(raise_on_error=False)
        named = zip((pattern for pattern, _ in tried), replies, strict=True)
        refused = rights.refusals(named)
        failure = None if refused else rights.failure(replies) or self._unconfirmed(replies)
        return TrialResult(refused, failure, durability)

    def _unconfirmed(self, replies: list[Any]) -> str | None:
        """Why the writes before the last three replies do not count as kept."""
        if self.replicas is None:
            return None
        info, on_disk, received = replies[-3:]
        needed = self.replicas.needed
        self.replicas.learn(info)
        within = f"confirm a write within {CONFIRM_MS // 1000} s"
        if on_disk[0] < 1:
            return f"its disk does not {within}"
        if received < needed:
            return f"{received} of {needed} replicas {within}"
        return None

    async def _refuses_large(self, size: int) -> tuple[str, ...]:
        try:
            await self.redis.evalsha(rights.DIGEST, 1, keys.TRIAL, bytes(size))
        except (ResponseError, RedisConnectionError) as error:
            if isinstance(error, ResponseError) and rights.failure([error]) is None:
                return ()
            # A server that takes no value of this size closes the connection, and answers others.
            await self.redis.connection_pool.disconnect(inuse_connections=False)
            await self.redis.time()
            taken = f"it does not take a value of {size // MIB} MiB ({error})"
            return (f"{taken}: raise its proto-max-bulk-len and client-query-buffer-limit",)
        return ()
