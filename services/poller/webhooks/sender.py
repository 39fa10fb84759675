"""Sends one webhook request to an address that was checked, and to no other."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import anyio
import httpx2

from services.poller.decisions.webhook import Attempt
from services.poller.webhooks.message import Message
from shared.domain.webhook_address import Address, AddressPolicy, Target, UnsafeAddress
from shared.runtime.resolver import Resolver

TIMEOUT_S = 15.0
"""For a whole request, from connecting to the end of the reply."""

CONNECT_TIMEOUT_S = 5.0
"""For one address."""

MAX_ADDRESSES = 3
"""Addresses of a host that are tried."""

MAX_REPLY_BYTES = 64 * 1024
"""Of a reply that are read; only its status counts."""


@dataclass(frozen=True, slots=True)
class Route:
    """A receiver with its checked addresses."""

    target: Target
    addresses: Sequence[Address]


class WebhookSender:
    """Posts to receivers, without proxies, redirects, cookies and kept connections."""

    def __init__(
        self, policy: AddressPolicy, resolver: Resolver, *, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._policy = policy
        self._resolver = resolver
        self._timeout_s = timeout_s
        # No client: it would keep cookies. A kept connection was verified for another name.
        self._transport = httpx2.AsyncHTTPTransport(
            verify=httpx2.create_ssl_context(),
            trust_env=False,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def route(self, url: str) -> Route | Attempt:
        """Where the URL leads now, or the attempt that failed because it may not be called."""
        started = monotonic()
        try:
            target = self._policy.check_url(url)
            addresses = await self._resolver.resolve(target.host, target.port)
            if not addresses:
                return _failed("not_resolved", started)
            self._policy.check_addresses(target, addresses)
        except UnsafeAddress:
            return _failed("address_refused", started)
        return Route(target, addresses[:MAX_ADDRESSES])

    async def post(self, route: Route, message: Message) -> Attempt:
        """Send the message to the first address that takes a connection."""
        started, error = monotonic(), "connect_failed"
        try:
            async with asyncio.timeout(self._timeout_s):
                for address in route.addresses:
                    try:
                        status = await self._post(route.target, address, message)
                    except (httpx2.ConnectError, httpx2.ConnectTimeout) as failure:
                        error = "tls_failed" if _is_tls(failure) else "connect_failed"
                    else:
                        return Attempt(status, None, _since(started))
        except TimeoutError:
            error = "timeout"
        # httpx2 does not wrap some errors of TLS and anyio.
        except (httpx2.HTTPError, OSError, anyio.EndOfStream):
            error = "no_reply"
        return _failed(error, started)

    async def close(self) -> None:
        """Close the connections and end the resolver."""
        await self._transport.aclose()
        self._resolver.close()

    async def _post(self, target: Target, address: Address, message: Message) -> int:
        """The status. The certificate is checked for the host's name, not for the address."""
        request = httpx2.Request(
            "POST",
            target.at(address),
            headers={"host": target.authority, **message.headers},
            content=message.body,
            extensions={
                "sni_hostname": target.host,
                "timeout": {"connect": CONNECT_TIMEOUT_S},
            },
        )
        response = await self._transport.handle_async_request(request)
        try:
            await _drain(response)
        finally:
            await response.aclose()
        return response.status_code


async def _drain(response: httpx2.Response) -> None:
    """Read a short reply to its end, so that the receiver sees no reset. Errors do not count."""
    size = 0
    try:
        async with asyncio.timeout(1):
            async for part in response.aiter_raw():
                size += len(part)
                if size > MAX_REPLY_BYTES:
                    return
    except (TimeoutError, httpx2.HTTPError, OSError, anyio.EndOfStream):
        return


def _is_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _failed(error: str, started: float) -> Attempt:
    return Attempt(None, error, _since(started))


def _since(started: float) -> int:
    return round((monotonic() - started) * 1000)
