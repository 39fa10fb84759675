"""The provider as Backburner calls it: one request a call, and every outcome a value."""

import asyncio
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

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
from services.poller.results import MAX_BODY, Lost, Outcome, Reply, TooLarge, Unsent
from shared.openai import request

_NEVER_CONNECTED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)

Call = AbstractAsyncContextManager[AsyncAPIResponse[Any] | httpx2.Response]


class Provider:
    """The Responses API at ``base_url``, by default OpenAI's.

    ``submit_timeout`` and ``poll_timeout`` bound a whole call, in seconds; ``contact`` knows how
    the latest went.
    """

    def __init__(
        self, api_key: str, base_url: str | None, *, submit_timeout: float, poll_timeout: float
    ) -> None:
        # By default the SDK follows redirects and retries, so that one call may POST many times.
        self._http = DefaultAsyncHttpxClient(follow_redirects=False)
        self._client = AsyncOpenAI(
            api_key=api_key, base_url=base_url, http_client=self._http, max_retries=0
        )
        self._submit_timeout = submit_timeout
        self._poll_timeout = poll_timeout
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
        """GET one response, on the SDK's HTTP client but without its parsing: half the CPU."""
        base, sent = self._client.base_url, self._client.default_headers | self._client.auth_headers
        call = self._http.stream(
            "GET",
            base.copy_with(
                raw_path=base.raw_path + b"responses/" + quote(response_id, "").encode()
            ),
            headers={name: value for name, value in sent.items() if isinstance(value, str)},
        )
        return await self._through("retrieve", call, self._poll_timeout)

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
        reason = type(error).__name__
        return Unsent(reason) if isinstance(error, _NEVER_CONNECTED) else Lost(reason)
    except TimeoutError:
        return Lost(f"no answer within {seconds:g} s")


async def _read(response: AsyncAPIResponse[Any] | httpx2.Response) -> Outcome:
    body = bytearray()
    parts = response.aiter_bytes if isinstance(response, httpx2.Response) else response.iter_bytes
    async for chunk in parts():
        body += chunk
        if len(body) > MAX_BODY:
            return TooLarge(MAX_BODY)
    return Reply(response.status_code, bytes(body), _headers(response.headers))


def _headers(headers: httpx2.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
