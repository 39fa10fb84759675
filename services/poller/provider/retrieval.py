"""GETs responses past the SDK: a poll is all day's work, and costs a sixth of it this way."""

import asyncio
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from httpx2 import create_ssl_context
from openai import AsyncOpenAI

from services.poller.results import MAX_BODY, Lost, Outcome, Reply, TooLarge, Unsent


class Retrieval:
    """The way to one response after another, with the address and headers of the SDK's client.

    ``timeout`` bounds a whole call, in seconds. To be made where an event loop runs.
    """

    def __init__(self, client: AsyncOpenAI, timeout: float) -> None:
        self._address = f"{client.base_url}responses/"
        self._timeout = timeout
        sent = {**client.default_headers, **client.auth_headers}
        self._session = aiohttp.ClientSession(
            headers={name: value for name, value in sent.items() if isinstance(value, str)},
            connector=aiohttp.TCPConnector(limit=0, ssl=create_ssl_context()),
            timeout=aiohttp.ClientTimeout(total=None),
            proxy=_proxy(str(client.base_url)),
        )

    async def get(self, response_id: str) -> Outcome:
        """GET one response, once."""
        address = self._address + quote(response_id, safe="")
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._session.get(address, allow_redirects=False) as response,
            ):
                return await _read(response)
        except aiohttp.ClientConnectorError as error:
            return Unsent(type(error).__name__)
        except TimeoutError:
            return Lost(f"no answer within {self._timeout:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Lost(type(error).__name__)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _proxy(address: str) -> str | None:
    """The environment's proxy, found once: aiohttp itself would look anew for every request."""
    parts = urlsplit(address)
    if proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)


async def _read(response: aiohttp.ClientResponse) -> Outcome:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            return TooLarge(MAX_BODY)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status, bytes(body), headers)
