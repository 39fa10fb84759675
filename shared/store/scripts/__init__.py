"""The scripts that write task records, each sent whole with the prelude before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from shared.store.replicas import Replicas

CONFIRM_MS = 2_000
"""Milliseconds that the disk, and then the replicas, may take to confirm a write."""

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Request:
    """What a script is called with; prelude.lua gives it the three tables under the same names.

    Arguments that are None are left out; ``blobs`` are bytes that JSON could not carry.
    """

    keys: Mapping[str, str | Sequence[str]]
    args: Mapping[str, object] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)

    def words(self) -> tuple[Any, ...]:
        """What EVALSHA takes after the digest."""
        lists = {name: [key] if isinstance(key, str) else key for name, key in self.keys.items()}
        described = {
            "keys": [
                name if isinstance(self.keys[name], str) else (name, len(found))
                for name, found in lists.items()
            ],
            "args": {name: value for name, value in self.args.items() if value is not None},
            "blobs": list(self.blobs),
        }
        names = [key for found in lists.values() for key in found]
        return (len(names), *names, orjson.dumps(described), *self.blobs.values())


@dataclass(frozen=True, slots=True)
class Result:
    """A script's reply; ``kept`` is False where a confirmation was requested and did not come."""

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
        request: Request,
        *,
        confirm: Replicas | None = None,
    ) -> Result:
        """Run it, and with ``confirm`` wait until what it wrote is on disk and with the replicas.

        It may run twice: each script recognises its own repetition. Raises redis-py's errors.
        """
        words = (self.digest, *request.words())
        try:
            return await _run(redis, words, confirm)
        except NoScriptError:  # the server restarted, or never had the script
            await redis.script_load(self.source)
            return await _run(redis, words, confirm)


_Words = tuple[Any, ...]


async def _run(redis: Redis, words: _Words, replicas: Replicas | None) -> Result:
    if replicas is None:
        return Result(await redis.evalsha(*words))
    waited_for = replicas.needed
    result = await _confirmed(redis, words, replicas)
    if not result.kept and replicas.needed > waited_for:  # a replica joined: wait for it too
        return await _confirmed(redis, words, replicas)
    return result


async def _confirmed(redis: Redis, words: _Words, replicas: Replicas) -> Result:
    # WAITAOF and WAIT cover only writes of their own connection: hence one pipeline.
    async with redis.pipeline(transaction=False) as pipe:
        pipe.evalsha(*words)
        pipe.execute_command("INFO", "replication")
        pipe.execute_command("WAITAOF", 1, 0, CONFIRM_MS)
        pipe.execute_command("WAIT", replicas.needed, CONFIRM_MS)
        reply, info, on_disk, received = await pipe.execute(raise_on_error=False)
    if isinstance(reply, Exception):
        raise reply
    if any(isinstance(said, Exception) for said in (info, on_disk, received)):
        return Result(reply, kept=False)
    replicas.learn(info)
    return Result(reply, kept=on_disk[0] >= 1 and received >= replicas.needed)


def _read(name: str) -> Script:
    source = "".join((_HERE / part).read_text() for part in ("prelude.lua", name))
    return Script(source, sha1(source.encode(), usedforsecurity=False).hexdigest())


INSERT = _read("insert.lua")
START_POLL = _read("start_poll.lua")
ANNOTATE = _read("annotate.lua")
MIGRATE_SPENDING = _read("migrate_spending.lua")
CHANGE = _read("change.lua")
DELETE = _read("delete.lua")
COMPARE_EPOCH = _read("compare_epoch.lua")
MIGRATE_RECORD = _read("migrate_record.lua")
RENAME_KEYS = _read("rename_keys.lua")
RENAME_FIELDS = _read("rename_fields.lua")
WEBHOOK_SAVE = _read("webhook_save.lua")
WEBHOOK_TEST = _read("webhook_test.lua")
WEBHOOK_CLAIM = _read("webhook_claim.lua")
WEBHOOK_RENEW = _read("webhook_renew.lua")
WEBHOOK_RELEASE = _read("webhook_release.lua")
WEBHOOK_RECORD = _read("webhook_record.lua")
