"""The one gate before every submission: closed for all tasks while trying again cannot help."""

from dataclasses import dataclass

from redis.asyncio import Redis

from shared.domain.states import PauseReason
from shared.store import clock, keys

REFUSED_TTL_S = 24 * 3600
"""How long a refused task is remembered after the latest refusal of any."""


@dataclass(frozen=True, slots=True)
class PauseState:
    """Why the gate is closed, since when, and when one task may try again (ms since the epoch).

    ``attempts`` were refused so far. ``says`` is the provider's own sentence, which no log may
    carry.
    """

    reason: PauseReason
    message: str
    since: int
    probe_at: int
    attempts: int = 1
    says: str = ""

    @property
    def text(self) -> str:
        """The message with the provider's sentence."""
        return f"{self.message} {self.says}".rstrip()


class SubmissionGate:
    """The gate of one provider."""

    def __init__(self, redis: Redis, provider: str) -> None:
        self.provider = provider
        self._redis = redis
        self._key = keys.submission_gate(provider)
        self._probe = f"{self._key}:probe"
        self._refused = f"{self._key}:refused"
        self._refusals = f"{self._key}:refusals"

    async def pause_state(self) -> PauseState | None:
        """What keeps the gate closed, or None while it is open."""
        fields = await self._redis.hgetall(self._key)
        if not fields:
            return None
        return PauseState(
            PauseReason.read(fields[b"reason"].decode(), fields.get(b"detail", b"").decode()),
            fields[b"message"].decode(),
            int(fields[b"since"]),
            int(fields[b"probe_at"]),
            int(fields.get(b"attempts", 1)),
            fields.get(b"says", b"").decode(),
        )

    async def close(self, reason: PauseReason, message: str, retry_in: int, says: str = "") -> None:
        """Close it; one task may try again in ``retry_in`` milliseconds."""
        now = await clock.now(self._redis)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(
                self._key,
                mapping={
                    "reason": reason.stored,
                    "detail": reason.detail or "",
                    "message": message,
                    "says": says,
                    "probe_at": now + retry_in,
                },
            )
            pipe.hsetnx(self._key, "since", now)
            pipe.hincrby(self._key, "attempts", 1)
            await pipe.execute()

    async def open(self) -> bool:
        """Let submissions go on, since a task was accepted; whether the gate was closed."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(self._key)
            pipe.delete(self._probe, self._refusals)
            closed, _ = await pipe.execute()
        return bool(closed)

    async def count_refusal(self, task_id: str) -> int:
        """How many tasks were refused since one was accepted, with this one.

        A task counts once: refused again, after others were accepted, it alone is the cause.
        """
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.sadd(self._refused, task_id)
            pipe.expire(self._refused, REFUSED_TTL_S)
            new, _ = await pipe.execute()
        return int(await self._redis.incrby(self._refusals, new))

    async def acquire_probe(self, life: int) -> bool:
        """Whether the caller is the one task that may try; the others wait ``life`` ms more."""
        if not await self._redis.set(self._probe, 1, nx=True, px=life):
            return False
        await self._redis.hset(self._key, "probe_at", await clock.now(self._redis) + life)
        return True
