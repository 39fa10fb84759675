"""Calls the Responses API. Each call sends one request, and every result is a value."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from hashlib import sha256
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
from shared.openai.model import ACTIVE

ACCOUNT_DIGITS = 4
"""Of a hash of what includes the API key: enough to tell two apart, and of no use for a guess."""

_BEFORE_SENDING = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,  # of CONNECT, which precedes the request
)


class _Response(Protocol):
    """The common part of an httpx2 response and the SDK's raw response."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> httpx2.Headers: ...
    @property
    def content(self) -> bytes: ...


class Provider:
    """The Responses API at ``base_url``, by default OpenAI's.

    ``submit_timeout`` and ``poll_timeout`` limit a whole call, in seconds. ``monitor`` rates the
    latest calls. ``account_id`` tells one key, organization, project and address from another.
    """

    def __init__(
        self, api_key: str, base_url: str | None, *, submit_timeout: float, poll_timeout: float
    ) -> None:
        self._http = BoundedClient()
        # By default the SDK retries without an idempotency key: a create could POST three times.
        self._client = AsyncOpenAI(
            api_key=api_key, base_url=base_url, http_client=self._http, max_retries=0
        )
        base = self._client.base_url
        self._responses_url = str(base.copy_with(raw_path=base.raw_path + b"responses/"))
        headers = self._client.default_headers | self._client.auth_headers
        self._poll_headers = {k: v for k, v in headers.items() if isinstance(v, str)}
        caller = (api_key, self._client.organization, self._client.project, str(base))
        self.account_id = sha256(repr(caller).encode()).hexdigest()[:ACCOUNT_DIGITS]
        self._submit_timeout = submit_timeout
        self._poll_timeout = poll_timeout
        self.monitor = CallMonitor()

    async def create(
        self, conversation: list[dict[str, Any]], task_id: str, client_request_id: str
    ) -> CallResult:
        """POST the task, once."""
        structlog.contextvars.bind_contextvars(client_request_id=client_request_id)
        call = self._client.responses.with_raw_response.create(
            **request.build(conversation, task_id),
            extra_headers={"X-Client-Request-Id": client_request_id},
        )
        return await self._call("create", call, self._submit_timeout)

    async def retrieve(self, response_id: str) -> CallResult:
        """GET one response.

        Polls are most of the calls, so they use the SDK's HTTP client and headers but not its
        request and response models, which take half the CPU.
        """
        url = self._responses_url + quote(response_id, "")
        call = self._http.get(url, headers=self._poll_headers)
        return await self._call("retrieve", call, self._poll_timeout)

    async def cancel(self, response_id: str) -> CallResult:
        """POST a cancel of one response. A finished response may refuse it, which is harmless."""
        call = self._client.responses.with_raw_response.cancel(response_id)
        return await self._call("cancel", call, self._poll_timeout)

    async def delete(self, response_id: str) -> CallResult:
        """DELETE one response."""
        call = self._client.responses.with_raw_response.delete(response_id)
        return await self._call("delete", call, self._poll_timeout)

    async def retrieve_model(self) -> CallResult:
        """GET the model, to detect an invalid key or a retired model before a task is sent."""
        call = self._client.models.with_raw_response.retrieve(ACTIVE.name)
        return await self._call("model", call, self._poll_timeout)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _call(self, operation: str, call: Awaitable[_Response], seconds: float) -> CallResult:
        """Make the call. An error reply may quote the key and is shown, so the key is masked."""
        result = await self.monitor.track(operation, _result(call, seconds))
        if isinstance(result, Reply) and result.status >= HTTPStatus.BAD_REQUEST:
            body = result.body.replace(self._client.api_key.encode(), b"(the key)")
            return replace(result, body=body)
        return result


async def _result(call: Awaitable[_Response], seconds: float) -> CallResult:
    response: _Response
    try:
        # The SDK's own timeouts restart with every byte.
        async with asyncio.timeout(seconds):
            response = await call
    except APIStatusError as error:
        response = error.response
    except TimeoutError:
        return NoReply(f"no answer within {seconds:g} s")
    # httpx2 does not wrap some errors of TLS and anyio.
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
    return ConnectFailed(reason) if isinstance(error, _BEFORE_SENDING) else NoReply(reason)
