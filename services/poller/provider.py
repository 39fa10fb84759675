"""The provider as Backburner calls it: one request a call, and every outcome a value."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
from openai import (
    APIConnectionError,
    APIStatusError,
    AsyncAPIResponse,
    AsyncOpenAI,
    DefaultAsyncHttpxClient,
)

from services.poller.outcomes import Lost, Outcome, Reply, TooLarge, Unsent
from shared import request

MAX_BODY = 16 * 1024 * 1024
"""Bytes of one reply that are read; the longest answers known are a hundredth of it."""

_NEVER_CONNECTED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)

Call = AbstractAsyncContextManager[AsyncAPIResponse[Any]]


def connect(api_key: str, base_url: str | None) -> AsyncOpenAI:
    """The SDK, which by default would POST again wherever a redirect sends it, twenty times."""
    http_client = DefaultAsyncHttpxClient(follow_redirects=False)
    return AsyncOpenAI(api_key=api_key, base_url=base_url, http_client=http_client)


class Provider:
    """The Responses API behind ``client``, as ``connect`` makes it.

    ``submit_timeout`` and ``poll_timeout`` bound a whole call, in seconds.
    """

    def __init__(self, client: AsyncOpenAI, *, submit_timeout: float, poll_timeout: float) -> None:
        # By default the SDK would POST three times, with no key that makes it one.
        self._client = client.with_options(max_retries=0)
        self._submit_timeout = submit_timeout
        self._poll_timeout = poll_timeout

    async def create(
        self, conversation: list[dict[str, Any]], task_id: str, client_request_id: str
    ) -> Outcome:
        """POST the fixed request, once."""
        call = self._client.responses.with_streaming_response.create(
            **request.build(conversation, task_id),
            extra_headers={"X-Client-Request-Id": client_request_id},
        )
        return await _outcome(call, self._submit_timeout)

    async def retrieve(self, response_id: str) -> Outcome:
        """GET one response."""
        responses = self._client.responses.with_streaming_response
        return await _outcome(responses.retrieve(response_id), self._poll_timeout)

    async def cancel(self, response_id: str) -> Outcome:
        """Ask for one response to be cancelled; finished ones may refuse, which is harmless."""
        responses = self._client.responses.with_streaming_response
        return await _outcome(responses.cancel(response_id), self._poll_timeout)

    async def model(self) -> Outcome:
        """GET the model: tells a wrong key or a retired model before a task meets it."""
        models = self._client.models.with_streaming_response
        return await _outcome(models.retrieve(request.MODEL), self._poll_timeout)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


async def _outcome(call: Call, seconds: float) -> Outcome:
    try:
        # The SDK's own timeouts start again with every byte; this one does not.
        async with asyncio.timeout(seconds), call as response:
            return await _read(response)
    except APIStatusError as error:
        reply = error.response
        return Reply(reply.status_code, reply.content[:MAX_BODY], _headers(reply.headers))
    except APIConnectionError as error:
        cause = error.__cause__
        reason = type(cause or error).__name__
        return Unsent(reason) if isinstance(cause, _NEVER_CONNECTED) else Lost(reason)
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        return Lost(type(error).__name__)
    except TimeoutError:
        return Lost(f"no answer within {seconds:g} s")


async def _read(response: AsyncAPIResponse[Any]) -> Outcome:
    body = bytearray()
    async for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_BODY:
            return TooLarge(MAX_BODY)
    return Reply(response.status_code, bytes(body), _headers(response.headers))


def _headers(headers: httpx2.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
