"""The master that a group of Sentinels names, asked for at each new connection."""

from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool, SentinelManagedConnection
from redis.backoff import NoBackoff

SENTINEL_PORT = 26379
SENTINEL_TIMEOUT = 1.0
"""Seconds that one Sentinel has to answer before the next is asked."""


class MasterConnection(SentinelManagedConnection):  # type: ignore[misc]  # -- redis-py is untyped here
    """A connection to the current master.

    redis-py's own would try the address of a dead master as often as it tries anything, and only
    then ask the Sentinels again: a failover of seconds would last minutes.
    """

    retry: Retry

    async def connect_to(self, address: tuple[str, int]) -> None:
        """Try the address once."""
        patient, self.retry = self.retry, Retry(NoBackoff(), 0)
        try:
            await super().connect_to(address)
        finally:
            self.retry = patient


class MasterPool(SentinelConnectionPool):  # type: ignore[misc]  # -- redis-py is untyped here
    """Connections to the master; closing it closes those to the Sentinels too."""

    async def aclose(self) -> None:
        """Close them all."""
        await super().aclose()
        for node in self.sentinel_manager.sentinels:
            await node.aclose()


def master_pool(url: str, **options: Any) -> MasterPool:  # noqa: ANN401 -- redis-py's own
    """The pool for ``redis+sentinel://[user:password@]host[:port][,host[:port]…]/service[/db]``.

    User and password are the server's; the Sentinels are asked without. Raises ValueError for
    what is not such an address.
    """
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    service, _, database = parts.path.strip("/").partition("/")
    if not service or parts.query:
        raise ValueError(parts.scheme)
    sentinels = Sentinel(
        [_node(host) for host in hosts.split(",")],
        sentinel_kwargs={
            "socket_timeout": SENTINEL_TIMEOUT,
            "socket_connect_timeout": SENTINEL_TIMEOUT,
        },
    )
    return MasterPool(
        service,
        sentinels,
        connection_class=MasterConnection,
        username=unquote(user) or None,
        password=unquote(password) or None,
        db=int(database or 0),
        **options,
    )


def _node(text: str) -> tuple[str, int]:
    node = urlsplit(f"//{text}")
    if not node.hostname:
        raise ValueError(text)
    return node.hostname, node.port or SENTINEL_PORT
