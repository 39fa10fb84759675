"""Creates the listening socket, and raises the limit of file descriptors."""

import resource
import socket

from shared.domain.errors import InvalidSetting

TCP_USER_TIMEOUT_MS = 30_000
"""A connection ends when the client acknowledges nothing for this long."""

SEND_BUFFER_BYTES = 256 * 1024
"""Of each connection in the kernel, which would keep up to 4 MiB for a client that reads slowly."""

RESERVED_FDS = 200
"""File descriptors for everything but event subscribers."""


def create_listener(host: str, port: int) -> socket.socket:
    """A listening socket. Raises InvalidSetting if the address is not available."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise InvalidSetting(
            f"Cannot listen on {host}:{port} ({error.strerror})."
            " Set another BACKBURNER_HOST or BACKBURNER_PORT."
        ) from None
    # Connections inherit these options. asyncio sets TCP_NODELAY only on sockets that name their
    # protocol; without it a response on a kept connection waits 40 ms for a delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    # Without TCP_USER_TIMEOUT (Linux only) a client that lost power keeps its connection for 15
    # minutes, and one that stopped reading for ever.
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS)
    return listener


def raise_fd_limit(subscribers: int) -> None:
    """Raise the soft limit of file descriptors, if necessary, for this many event subscribers.

    Many systems start with 1,024 and allow more.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = subscribers + RESERVED_FDS
    if hard != resource.RLIM_INFINITY:
        needed = min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
