"""The HTTP client under the SDK: it bounds every reply, also those that the SDK itself reads."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
from openai import DefaultAsyncHttpxClient

from services.poller.results import MAX_BODY_BYTES


class ReplyTooLarge(httpx2.RequestError):
    """A reply exceeds MAX_BODY, on the wire or unpacked."""


class BoundedClient(DefaultAsyncHttpxClient):
    """Returns replies that are read already, with at most MAX_BODY bytes and without redirects."""

    def __init__(self) -> None:
        super().__init__(follow_redirects=False)

    async def send(
        self,
        request: httpx2.Request,
        **options: Any,  # noqa: ANN401 -- passed on
    ) -> httpx2.Response:
        """Send the request and read its reply. Raises ReplyTooLarge.

        A reply that is no success counts by its status, so a long one is cut instead.
        """
        response = await super().send(request, **options | {"stream": True})
        body = bytearray()
        try:
            async for part in _parts(response):
                body += part
        except ReplyTooLarge:
            if response.is_success:
                raise
        finally:
            await response.aclose()
        response.headers.pop("content-encoding", None)
        return httpx2.Response(
            response.status_code, headers=response.headers, content=bytes(body), request=request
        )


def _parts(response: httpx2.Response) -> AsyncIterator[bytes]:
    wire = _bounded(response.aiter_raw())
    if "content-encoding" not in response.headers:
        return wire
    # A body that is packed twice can be small on the wire and huge unpacked, and the other way
    # round where bytes follow the end of the packed data.
    return _bounded(httpx2.Response(200, headers=response.headers, content=wire).aiter_bytes())


async def _bounded(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    total = 0
    async for part in parts:
        total += len(part)
        if total > MAX_BODY_BYTES:
            raise ReplyTooLarge(f"The reply exceeds {MAX_BODY_BYTES} bytes.")
        yield part
