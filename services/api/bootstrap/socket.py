"""The socket that the API listens on, and how many connections it can bear."""

import resource
import socket

from shared.domain.errors import InvalidSetting

SILENCE = 30_000
"""Milliseconds after which a client that acknowledges nothing, or takes nothing, is cut off."""

OTHERS = 200
"""Descriptors for all but event clients."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingUnusable in words that say what to change."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise InvalidSetting(
            f"{host}:{port} cannot be listened on ({error.strerror});"
            " choose another with BACKBURNER_HOST and BACKBURNER_PORT."
        ) from None
    # Connections inherit it; asyncio sets it only where a socket names its protocol. Without
    # it an answer on a kept connection waits 40 ms for the client to acknowledge its first part.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # They inherit this, too. Without it a machine that lost its power would hold its connection
    # for a quarter of an hour, and a client that stopped reading for ever. Linux alone has it.
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE)
    return listener


def make_room(clients: int) -> None:
    """Raise this process's own limit of descriptors where so many event clients need it.

    Many systems begin with 1,024 and let a process have more.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = clients + OTHERS
    if hard != resource.RLIM_INFINITY:
        needed = min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
