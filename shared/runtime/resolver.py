"""Resolves the host of a webhook, in threads of its own: a slow name server delays nothing else."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from shared.domain.webhook_address import Address

MAX_THREADS = 64
"""A name server that does not answer holds a thread for longer than the caller waits."""

TIMEOUT_S = 5.0

Lookup = Callable[[str, int], Sequence[str]]


def system_lookup(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system's resolver finds them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Resolver:
    """Finds the addresses of a host within ``TIMEOUT_S``."""

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="resolver")

    async def resolve(self, host: str, port: int) -> Sequence[Address]:
        """Its addresses in the order to try them; none where it has none or no answer came."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                found = await loop.run_in_executor(self._threads, self._lookup, host, port)
            return [ip_address(each) for each in found]
        except (OSError, UnicodeError, ValueError):  # TimeoutError is an OSError
            return []

    def close(self) -> None:
        """End the threads; a lookup that still runs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
