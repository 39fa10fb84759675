"""How a process talks to Redis or Valkey: bounded waits, and retries that outlive an outage."""

import re
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.domain.errors import InvalidSetting
from shared.runtime.settings import SENTINEL
from shared.store import sentinel

# redis-py retries only its own errors by default; a refused or reset connection may surface as
# the built-in ones, and one of them would end an arq worker.
_PASSING = [RedisConnectionError, RedisTimeoutError, OSError, TimeoutError]


def connection_pool(url: str, *, retries: int, timeout: float) -> ConnectionPool:
    """A pool that has not connected yet.

    ``timeout`` bounds one connect, write or read in seconds; ``retries`` come up to 1 s apart.
    There is no health check: with a frozen server redis-py's connects within itself, without end.
    Raises InvalidSetting for an address that cannot be one.
    """
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "socket_keepalive": True,
        "retry": Retry(ExponentialBackoff(cap=1, base=0.05), retries),
        "retry_on_error": list(_PASSING),
    }
    _check_parts(url)
    try:
        named = url.startswith(SENTINEL)
        return (sentinel.master_pool if named else ConnectionPool.from_url)(url, **options)
    except ValueError:
        raise InvalidSetting(
            "REDIS_URL is not an address: use redis://[:password@]host:port/0, rediss:// for TLS,"
            " or redis+sentinel://[:password@]host:port,host:port/service/0[?sentinel_password=…]"
        ) from None


def _check_parts(url: str) -> None:
    """Raise InvalidSetting for what redis-py would read as something else."""
    _, _, rest = url.partition("?sentinel_")[0].partition("://")
    if "@" in rest and "@" not in re.split("[/?#]", rest)[0]:
        raise InvalidSetting(
            "REDIS_URL has a raw /, ? or # in its password: write %2F, %3F and %23 instead"
        )
    # redis-py would take any other path for database 0.
    if url.startswith(("redis://", "rediss://")):
        path = urlsplit(url).path.strip("/")
        if path and not (path.isascii() and path.isdigit()):
            raise InvalidSetting("REDIS_URL has a database that is not a number: use /0")
