"""The scripts that write task records, each sent whole with the prelude before it."""

from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

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
        try:
            return await self._confirmed(redis, keys, arguments, confirm)
        except NoScriptError:  # the server was restarted, or never saw it
            await redis.script_load(self.source)
            return await self._confirmed(redis, keys, arguments, confirm)

    async def _confirmed(
        self, redis: Redis, keys: list[str], arguments: list[bytes], confirm: Replicas | None
    ) -> Result:
        if confirm is None:
            return Result(await redis.evalsha(self.digest, len(keys), *keys, *arguments))
        waited_for = confirm.needed
        result = await self._send(redis, keys, arguments, confirm)
        if not result.kept and confirm.needed > waited_for:  # a replica has joined: wait for it too
            result = await self._send(redis, keys, arguments, confirm)
        return result

    async def _send(
        self, redis: Redis, keys: list[str], arguments: list[bytes], replicas: Replicas
    ) -> Result:
        # WAITAOF and WAIT speak only for writes of their own connection: hence one pipeline.
        async with redis.pipeline(transaction=False) as pipe:
            pipe.evalsha(self.digest, len(keys), *keys, *arguments)
            pipe.execute_command("INFO", "replication")
            pipe.execute_command("WAITAOF", 1, 0, CONFIRM_MS)
            pipe.execute_command("WAIT", replicas.needed, CONFIRM_MS)
            reply, info, on_disk, received = await pipe.execute(raise_on_error=False)
        if isinstance(reply, Exception):
            raise reply
        if any(isinstance(said, Exception) for said in (info, on_disk, received)):
            return Result(reply, kept=False)
        replicas.learn(info)
        kept = on_disk[0] >= 1 and received >= replicas.needed
        return Result(reply, kept)


def _read(name: str) -> Script:
    source = "".join((_HERE / part).read_text() for part in ("prelude.lua", name))
    return Script(source, sha1(source.encode(), usedforsecurity=False).hexdigest())


ACCEPT = _read("accept.lua")
BEGIN = _read("begin.lua")
CARRY = _read("carry.lua")
CHANGE = _read("change.lua")
DELETE = _read("delete.lua")
MEET = _read("meet.lua")
UPGRADE = _read("upgrade.lua")
