"""The provider as Backburner calls it: one request a call, and every outcome a value."""

import asyncio
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import httpx2
import structlog
from openai import (
    APIConnectionError,
    APIStatusError,
    AsyncAPIResponse,
    AsyncOpenAI,
    DefaultAsyncHttpxClient,
)

from services.poller.provider.instrumentation import Contact
from services.poller.provider.retrieval import Retrieval
from services.poller.results import MAX_BODY, Lost, Outcome, Reply, TooLarge, Unsent
from shared.openai import request

_NEVER_CONNECTED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)

Call = AbstractAsyncContextManager[AsyncAPIResponse[Any]]


def connect(api_key: str, base_url: str | None) -> AsyncOpenAI:
    """The SDK, which by default would POST again wherever a redirect sends it, twenty times."""
    http_client = DefaultAsyncHttpxClient(follow_redirects=False)
    return AsyncOpenAI(api_key=api_key, base_url=base_url, http_client=http_client)


class Provider:
    """The Responses API behind ``client``, as ``connect`` makes it.

    ``submit_timeout`` and ``poll_timeout`` bound a whole call, in seconds; ``contact`` knows how
    the latest went.
    """

    def __init__(self, client: AsyncOpenAI, *, submit_timeout: float, poll_timeout: float) -> None:
        # By default the SDK would POST three times, with no key that makes it one.
        self._client = client.with_options(max_retries=0)
        self._submit_timeout = submit_timeout
        self._poll_timeout = poll_timeout
        self._retrieval = Retrieval(self._client, poll_timeout)
        self.contact = Contact()

    async def create(
        self, conversation: list[dict[str, Any]], task_id: str, client_request_id: str
    ) -> Outcome:
        """POST the fixed request, once."""
        structlog.contextvars.bind_contextvars(client_request_id=client_request_id)
        call = self._client.responses.with_streaming_response.create(
            **request.build(conversation, task_id),
            extra_headers={"X-Client-Request-Id": client_request_id},
        )
        return await self._through("create", call, self._submit_timeout)

    async def retrieve(self, response_id: str) -> Outcome:
        """GET one response."""
        return await self._known("retrieve", self._retrieval.get(response_id))

    async def cancel(self, response_id: str) -> Outcome:
        """Ask for one response to be cancelled; finished ones may refuse, which is harmless."""
        responses = self._client.responses.with_streaming_response
        return await self._through("cancel", responses.cancel(response_id), self._poll_timeout)

    async def delete(self, response_id: str) -> Outcome:
        """DELETE one response."""
        responses = self._client.responses.with_streaming_response
        return await self._through("delete", responses.delete(response_id), self._poll_timeout)

    async def model(self) -> Outcome:
        """GET the model: tells a wrong key or a retired model before a task meets it."""
        models = self._client.models.with_streaming_response
        return await self._through("model", models.retrieve(request.MODEL), self._poll_timeout)

    async def close(self) -> None:
        """Close the connections."""
        await self._retrieval.close()
        await self._client.close()

    async def _through(self, operation: str, call: Call, seconds: float) -> Outcome:
        return await self._known(operation, _outcome(call, seconds))

    async def _known(self, operation: str, call: Awaitable[Outcome]) -> Outcome:
        """An error may repeat the key; what it says is kept with the task and shown."""
        outcome = await self.contact.through(operation, call)
        if isinstance(outcome, Reply) and outcome.status >= HTTPStatus.BAD_REQUEST:
            body = outcome.body.replace(self._client.api_key.encode(), b"(the key)")
            return replace(outcome, body=body)
        return outcome


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
