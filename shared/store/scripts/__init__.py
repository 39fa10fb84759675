"""The scripts that write task records, each sent whole with the prelude before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any, Self

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from shared.store.replicas import Replicas

CONFIRM_MS = 2_000
"""How long the disk, and then the replicas, may take to say that they have a write."""

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Result:
    """A script's reply; ``kept`` is False where a confirmation was asked for and did not come."""

    reply: Any
    kept: bool = True

    def unless_refused(self) -> Self:
        """Itself; raises what the server said instead of a reply."""
        if isinstance(self.reply, Exception):
            raise self.reply
        return self


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script; the server knows it by the SHA-1 of its source."""

    source: str
    digest: str

    async def run(
        self,
        redis: Redis,
        keys: list[str],
        arguments: list[bytes],
        *,
        confirm: Replicas | None = None,
    ) -> Result:
        """Run it, and with ``confirm`` wait until what it wrote is on disk and with the replicas.

        It may be run twice: each script takes its own repetition for what it is.
        """
        call = Call(self, keys, arguments)
        try:
            return await self._run(redis, call, confirm)
        except NoScriptError:  # the server was restarted, or never saw it
            await redis.script_load(self.source)
            return await self._run(redis, call, confirm)

    @staticmethod
    async def _run(redis: Redis, call: "Call", confirm: Replicas | None) -> Result:
        if confirm is None:
            return Result(await redis.evalsha(*call.words))
        (result,) = await confirmed(redis, [call], confirm)
        return result.unless_refused()


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a script."""

    script: Script
    keys: list[str]
    arguments: list[bytes]

    @property
    def words(self) -> Sequence[str | int | bytes]:
        """The arguments of EVALSHA."""
        return (self.script.digest, len(self.keys), *self.keys, *self.arguments)


async def confirmed(redis: Redis, calls: Sequence[Call], replicas: Replicas) -> list[Result]:
    """Run them, and wait once until what they wrote is on disk and with the replicas.

    What the server refuses one of them is that one's reply.
    """
    waited_for = replicas.needed
    results = await _send(redis, calls, replicas)
    kept = all(result.kept for result in results)
    if not kept and replicas.needed > waited_for:  # a replica has joined: wait for it too
        results = await _send(redis, calls, replicas)
    return results


async def _send(redis: Redis, calls: Sequence[Call], replicas: Replicas) -> list[Result]:
    # WAITAOF and WAIT speak only for writes of their own connection: hence one pipeline.
    async with redis.pipeline(transaction=False) as pipe:
        for call in calls:
            pipe.evalsha(*call.words)
        pipe.execute_command("INFO", "replication")
        pipe.execute_command("WAITAOF", 1, 0, CONFIRM_MS)
        pipe.execute_command("WAIT", replicas.needed, CONFIRM_MS)
        *replies, info, on_disk, received = await pipe.execute(raise_on_error=False)
    if any(isinstance(said, Exception) for said in (info, on_disk, received)):
        return [Result(reply, kept=False) for reply in replies]
    replicas.learn(info)
    kept = on_disk[0] >= 1 and received >= replicas.needed
    return [Result(reply, kept) for reply in replies]


def _read(name: str) -> Script:
    source = "".join((_HERE / part).read_text() for part in ("prelude.lua", name))
    return Script(source, sha1(source.encode(), usedforsecurity=False).hexdigest())


INSERT = _read("insert.lua")
START_POLL = _read("start_poll.lua")
MIGRATE_SPENDING = _read("migrate_spending.lua")
CHANGE = _read("change.lua")
DELETE = _read("delete.lua")
COMPARE_EPOCH = _read("compare_epoch.lua")
MIGRATE_RECORD = _read("migrate_record.lua")
RENAME_KEYS = _read("rename_keys.lua")
RENAME_FIELDS = _read("rename_fields.lua")
