"""Sends requests to one Backburner server: retries, timeouts, errors and the server's clock."""

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypedDict, TypeVar

import httpx

from backburner.errors import BackburnerError
from backburner.models import as_mapping
from backburner.settings import DEFAULT_URL, check_token, named_network_settings, parse_address
from backburner.version import VERSION

PARSE_ERRORS = (ValueError, TypeError, KeyError, RecursionError)

_PROBLEM = "urn:backburner:problem:"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TIMEOUT = httpx.Timeout(10.0, read=30.0)
_T = TypeVar("_T")


class RequestOptions(TypedDict, total=False):
    """What a request may carry beside its method and path."""

    params: dict[str, str]
    headers: dict[str, str]
    content: bytes
    timeout: float


class Session:
    """The connections to one server. Threads may share it.

    A request is repeated for ``retry_for`` seconds while the server is unavailable; ``on_retry`` is
    called before each repetition.
    """

    def __init__(
        self,
        url: str | None,
        token: str | None,
        *,
        retry_for: float,
        on_retry: Callable[[BackburnerError], None],
        transport: httpx.BaseTransport | None,
        pause: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        base = parse_address(url or os.environ.get("BACKBURNER_URL") or DEFAULT_URL)
        headers = {"User-Agent": f"backburner-client/{VERSION}", "Accept": "application/json"}
        if token := token or os.environ.get("BACKBURNER_TOKEN"):
            headers["Authorization"] = f"Bearer {check_token(token)}"
        self.url = str(base)
        self.pause = pause
        self.clock = clock
        self.on_retry = on_retry
        self._retry_for = retry_for
        self._clock_offset = timedelta()
        with named_network_settings():
            self._http = httpx.Client(
                base_url=base,
                headers=headers,
                timeout=_TIMEOUT,
                transport=transport,
                trust_env=base.host not in _LOOPBACK,  # no proxy for loopback
            )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def now(self) -> datetime:
        """The time on the server's clock, by its last answer."""
        return datetime.now(UTC) + self._clock_offset

    def request(
        self,
        method: str,
        path: str,
        *,
        retry_for: float | None = None,
        options: RequestOptions | None = None,
    ) -> httpx.Response:
        """Send the request until there is an answer or ``retry_for`` seconds are over."""
        end = self.clock() + (self._retry_for if retry_for is None else retry_for)
        for delay in delays():
            try:
                return self._send(method, path, options or {})
            except BackburnerError as error:
                left, asked = end - self.clock(), error.retry_after or 0.0
                if not error.retryable or left <= 0 or asked > left:
                    raise
                self.on_retry(error)
                self.pause(min(max(delay, asked), left))
        raise AssertionError("the delays are endless")

    @contextmanager
    def stream(
        self, path: str, params: dict[str, str], headers: dict[str, str], read_timeout: float
    ) -> Iterator[Iterator[bytes]]:
        """Open an event stream, and yield its chunks. Raises BackburnerError, also in the block."""
        timeout = httpx.Timeout(10.0, read=read_timeout)
        try:
            with self._http.stream(
                "GET", path, params=params, headers=headers, timeout=timeout
            ) as reply:
                if not reply.headers.get("Content-Type", "").startswith("text/event-stream"):
                    reply.read()
                    self._check(reply)
                    raise self._unexpected(reply)
                try:
                    yield reply.iter_bytes()
                except PARSE_ERRORS:
                    raise self._unexpected(reply) from None
        except httpx.RequestError as error:
            raise self._unreachable(error) from None

    def read(self, reply: httpx.Response, parse: Callable[[Any], _T]) -> _T:
        """Parse the JSON of a reply. Raises BackburnerError if it is not what Backburner sends."""
        try:
            return parse(reply.json())
        except PARSE_ERRORS:
            raise self._unexpected(reply) from None

    def _send(self, method: str, path: str, options: RequestOptions) -> httpx.Response:
        try:
            reply = self._http.request(method, path, **options)
        except httpx.RequestError as error:
            raise self._unreachable(error) from None
        self._check(reply)
        return reply

    def _check(self, reply: httpx.Response) -> None:
        """Record the server's time. Raise BackburnerError unless the call succeeded."""
        date = _http_date(reply.headers.get("Date"))
        if date:
            self._clock_offset = date - datetime.now(UTC)
        if reply.is_success or reply.status_code == httpx.codes.NOT_MODIFIED:
            return
        if not reply.is_error:
            raise self._unexpected(reply)
        try:
            document = as_mapping(reply.json())
        except PARSE_ERRORS:
            document = {}
        if not str(document.get("type")).startswith(_PROBLEM):
            raise self._unexpected(reply)
        raise BackburnerError(
            {**document, "status": reply.status_code},
            _retry_after(reply.headers.get("Retry-After")),
        )

    def _unexpected(self, reply: httpx.Response) -> BackburnerError:
        return BackburnerError(
            {
                "type": f"{_PROBLEM}unexpected-reply",
                "status": reply.status_code,
                "detail": f"{self.url} answered {reply.status_code}, but is not Backburner."
                " Check BACKBURNER_URL.",
            },
            _retry_after(reply.headers.get("Retry-After")),
        )

    def _unreachable(self, error: httpx.RequestError) -> BackburnerError:
        reason = str(error) or type(error).__name__
        return BackburnerError(
            {
                "type": f"{_PROBLEM}unreachable",
                "detail": f"{self.url} does not answer ({reason})."
                " Check that Backburner runs and that BACKBURNER_URL is its address.",
            }
        )


def delays() -> Iterator[float]:
    """Yield the seconds between tries: doubling up to 5, with jitter."""
    limit = 0.25
    while True:
        yield limit * random.uniform(0.5, 1.0)  # noqa: S311 -- nothing secret
        limit = min(limit * 2, 5.0)


def json_content(body: object) -> RequestOptions:
    """Write a body as JSON. Raises ValueError for what JSON or UTF-8 cannot hold."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return {"content": text.encode(), "headers": {"Content-Type": "application/json"}}


def _http_date(value: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(value or "")
    except ValueError:
        return None


def _retry_after(value: str | None) -> float | None:
    """Parse Retry-After in seconds. A date, which only a proxy sends, is ignored."""
    return float(value) if value and value.strip().isdecimal() else None
