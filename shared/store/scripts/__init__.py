"""The two scripts that write task records, each sent whole with the prelude before it."""

from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

CONFIRM_MS = 2_000
"""How long the server may take to say that a write is on disk."""

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script; the server knows it by the SHA-1 of its source."""

    source: str
    digest: str

    async def run(
        self, redis: Redis, keys: list[str], arguments: list[bytes], *, confirm: bool
    ) -> tuple[Any, bool]:
        """The script's reply, and False where ``confirm`` was asked for and did not come."""
        try:
            return await self._send(redis, keys, arguments, confirm=confirm)
        except NoScriptError:  # the server was restarted, or never saw it
            await redis.script_load(self.source)
            return await self._send(redis, keys, arguments, confirm=confirm)

    async def _send(
        self, redis: Redis, keys: list[str], arguments: list[bytes], *, confirm: bool
    ) -> tuple[Any, bool]:
        async with redis.pipeline(transaction=False) as pipe:
            pipe.evalsha(self.digest, len(keys), *keys, *arguments)
            if confirm:
                # WAITAOF speaks only for writes of its own connection: hence one pipeline.
                pipe.execute_command("WAITAOF", 1, 0, CONFIRM_MS)
            reply, *confirmed = await pipe.execute()
        return reply, not confirmed or confirmed[0][0] >= 1


def _read(name: str) -> Script:
    source = "".join((_HERE / part).read_text() for part in ("prelude.lua", name))
    return Script(source, sha1(source.encode(), usedforsecurity=False).hexdigest())


ACCEPT = _read("accept.lua")
CHANGE = _read("change.lua")
