"""The master that a group of Sentinels names, asked for at each new connection."""

from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import (
    MasterNotFoundError,
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
)
from redis.backoff import NoBackoff

SENTINEL_PORT = 26379
SENTINEL_TIMEOUT = 1.0
"""Seconds that one Sentinel has to answer before the next is asked."""


_CREDENTIALS = {"sentinel_username": "username", "sentinel_password": "password"}
"""Options of the address, and the names that redis-py has for them."""


class MasterDown(MasterNotFoundError):  # type: ignore[misc]  # -- redis-py is untyped here
    """The Sentinels know the service, but its master is down and they have not named another."""


class Sentinels(Sentinel):  # type: ignore[misc]  # -- redis-py is untyped here
    """Tells a master that is down from a service that no Sentinel knows."""

    knows_service = False

    def check_master_state(self, state: dict[str, Any], service_name: str) -> bool:
        """Whether the master that a Sentinel names is up."""
        self.knows_service = True
        return bool(super().check_master_state(state, service_name))

    async def discover_master(self, service_name: str) -> tuple[str, int]:
        """Host and port of the master. Raises MasterDown, or redis-py's MasterNotFoundError."""
        try:
            host, port = await super().discover_master(service_name)
        except MasterNotFoundError:
            if not self.knows_service:
                raise
        else:
            return host, port
        raise MasterDown("the master is down")


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
    """Connections to the master; closing them closes those to the Sentinels too."""

    async def disconnect(self, inuse_connections: bool = True) -> None:  # noqa: FBT001, FBT002 -- redis-py's
        """Close them all, which ``aclose`` does too."""
        await super().disconnect(inuse_connections)
        for node in self.sentinel_manager.sentinels:
            await node.connection_pool.disconnect(inuse_connections)


def master_pool(url: str, **options: Any) -> MasterPool:  # noqa: ANN401 -- redis-py's own
    """The pool for ``redis+sentinel://[user:password@]host[:port][,host[:port]…]/service[/db]``.

    User and password are the server's. Those of the Sentinels follow as ``?sentinel_password=…``
    and ``&sentinel_username=…``. Raises ValueError for what is not such an address.
    """
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError(parts.scheme)
    sentinels = Sentinels(
        [_node(host) for host in hosts.split(",")],
        sentinel_kwargs={
            "socket_timeout": SENTINEL_TIMEOUT,
            "socket_connect_timeout": SENTINEL_TIMEOUT,
            **_sentinel_credentials(parts.query),
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


def _sentinel_credentials(query: str) -> dict[str, str]:
    # Not parse_qsl, which reads the + of a password in Base64 as a space.
    options = [option.partition("=") for option in query.split("&") if option]
    if any(name not in _CREDENTIALS for name, _, _ in options):
        raise ValueError("unknown option")
    return {_CREDENTIALS[name]: unquote(value) for name, _, value in options}
