"""The provider as Backburner calls it: one request a call, and every outcome a value."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote

import anyio
import httpx2
import structlog
from openai import APIConnectionError, APIStatusError, AsyncOpenAI

from services.poller.provider.bounded_client import BoundedClient, ReplyTooLarge
from services.poller.provider.instrumentation import CallMonitor
from services.poller.results import (
    MAX_BODY_BYTES,
    BodyTooLarge,
    CallResult,
    ConnectFailed,
    NoReply,
    Reply,
)
from shared.openai import request

_NEVER_CONNECTED = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,  # of CONNECT, which comes before the request
)


class _Response(Protocol):
    """What an httpx2 response and the SDK's raw response have in common."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> httpx2.Headers: ...
    @property
    def content(self) -> bytes: ...


class Provider:
    """The Responses API at ``base_url``, by default OpenAI's.

    ``submit_timeout`` and ``poll_timeout`` bound a whole call, in seconds; ``contact`` knows how
    the latest went.
    """

    def __init__(
        self, api_key: str, base_url: str | None, *, submit_timeout: float, poll_timeout: float
    ) -> None:
        self._http = BoundedClient()
        # By default the SDK would POST three times, with no key that makes it one.
        self._client = AsyncOpenAI(
            api_key=api_key, base_url=base_url, http_client=self._http, max_retries=0
        )
        self._submit_timeout = submit_timeout
        self._poll_timeout = poll_timeout
        self.monitor = CallMonitor()

    async def create(
        self, conversation: list[dict[str, Any]], task_id: str, client_request_id: str
    ) -> CallResult:
        """POST the fixed request, once."""
        structlog.contextvars.bind_contextvars(client_request_id=client_request_id)
        call = self._client.responses.with_raw_response.create(
            **request.build(conversation, task_id),
            extra_headers={"X-Client-Request-Id": client_request_id},
        )
        return await self._through("create", call, self._submit_timeout)

    async def retrieve(self, response_id: str) -> CallResult:
        """GET one response.

        Polls are most of the calls, so they use the SDK's HTTP client and headers but not its
        request and response models, which take half the CPU.
        """
        base, sent = self._client.base_url, self._client.default_headers | self._client.auth_headers
        call = self._http.get(
            base.copy_with(raw_path=base.raw_path + f"responses/{quote(response_id, '')}".encode()),
            headers={name: value for name, value in sent.items() if isinstance(value, str)},
        )
        return await self._through("retrieve", call, self._poll_timeout)

    async def cancel(self, response_id: str) -> CallResult:
        """Ask for one response to be cancelled; finished ones may refuse, which is harmless."""
        call = self._client.responses.with_raw_response.cancel(response_id)
        return await self._through("cancel", call, self._poll_timeout)

    async def delete(self, response_id: str) -> CallResult:
        """DELETE one response."""
        call = self._client.responses.with_raw_response.delete(response_id)
        return await self._through("delete", call, self._poll_timeout)

    async def retrieve_model(self) -> CallResult:
        """GET the model: tells a wrong key or a retired model before a task meets it."""
        call = self._client.models.with_raw_response.retrieve(request.MODEL)
        return await self._through("model", call, self._poll_timeout)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _through(
        self, operation: str, call: Awaitable[_Response], seconds: float
    ) -> CallResult:
        """An error may repeat the key; what it says is kept with the task and shown."""
        result = await self.monitor.track(operation, _outcome(call, seconds))
        if isinstance(result, Reply) and result.status >= HTTPStatus.BAD_REQUEST:
            body = result.body.replace(self._client.api_key.encode(), b"(the key)")
            return replace(result, body=body)
        return result


async def _outcome(call: Awaitable[_Response], seconds: float) -> CallResult:
    response: _Response
    try:
        # The SDK's own timeouts start again with every byte; this one does not.
        async with asyncio.timeout(seconds):
            response = await call
    except APIStatusError as error:
        response = error.response
    except TimeoutError:
        return NoReply(f"no answer within {seconds:g} s")
    # httpx2 lets some errors of TLS and anyio through as they are.
    except (APIConnectionError, httpx2.HTTPError, OSError, anyio.EndOfStream) as error:
        return _failure(
            error.__cause__ or error if isinstance(error, APIConnectionError) else error
        )
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, response.content, headers)


def _failure(error: BaseException) -> CallResult:
    if isinstance(error, ReplyTooLarge):
        return BodyTooLarge(MAX_BODY_BYTES)
    reason = type(error).__name__
    return ConnectFailed(reason) if isinstance(error, _NEVER_CONNECTED) else NoReply(reason)
