"""Sends signed webhook events for ended responses, at least once."""

import asyncio
import hashlib
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import structlog
from standardwebhooks import Webhook

from services.simulator.lifecycle import final_changes
from services.simulator.response_store import StoredResponse
from services.simulator.simulator import Simulator

Post = Callable[[bytes, dict[str, str]], Awaitable[bool]]

_BATCH_SIZE = 16
_MAX_ATTEMPTS = 10
_TIMEOUT_S = 3.0
_MIN_SLEEP_S = 0.02
_MAX_SLEEP_S = 60.0


class Webhooks:
    """Sends due events. ``post`` returns whether the receiver confirmed one."""

    def __init__(self, simulator: Simulator, secret: str, post: Post) -> None:
        self._simulator = simulator
        self._signer = Webhook(secret)
        self._post = post

    async def run(self) -> None:
        """Send events until cancelled."""
        while True:
            self._simulator.events_changed.clear()
            await self.send_due()
            try:
                await asyncio.wait_for(self._simulator.events_changed.wait(), self._sleep_s())
            except TimeoutError:
                continue

    async def send_due(self) -> None:
        """Send a batch of the events that are due now."""
        due = self._simulator.responses.due_events(self._simulator.clock(), _BATCH_SIZE)
        await asyncio.gather(*map(self._send, due))

    async def _send(self, stored: StoredResponse) -> None:
        body, headers = self._event(stored)
        duplicate = self._simulator.faults.fire("webhook") is not None
        confirmed = await self._post(body, headers)
        if duplicate:
            confirmed = await self._post(body, headers)
        self._reschedule(stored, confirmed=confirmed)

    def _reschedule(self, sent: StoredResponse, *, confirmed: bool) -> None:
        """Schedule the next event, or this one again after 1, 2, 4 … seconds."""
        stored = self._simulator.responses.get(sent.id)
        if stored is None:
            return
        attempts = stored.event_attempts + 1
        if confirmed or attempts == _MAX_ATTEMPTS:
            self._simulator.plan_event(replace(stored, events_done=stored.events_done + 1))
            return
        again = self._simulator.clock() + 2 ** (attempts - 1)
        self._simulator.responses.schedule_event(stored.id, stored.events_done, attempts, again)

    def _event(self, stored: StoredResponse) -> tuple[bytes, dict[str, str]]:
        """Return body and signed headers of the first undelivered event."""
        ending = final_changes(stored.timeline)[stored.events_done]
        name = hashlib.sha256(f"{stored.id} {stored.events_done}".encode()).hexdigest()[:32]
        event = {
            "id": f"evt_{name}",
            "object": "event",
            "created_at": int(ending.at),
            "type": f"response.{ending.status}",
            "data": {"id": stored.id},
        }
        body = orjson.dumps(event).decode()
        now = datetime.fromtimestamp(self._simulator.clock(), UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "backburner-simulator",
            "webhook-id": f"wh_{name}",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(f"wh_{name}", now, body),
        }
        return body.encode(), headers

    def _sleep_s(self) -> float:
        due = self._simulator.responses.next_event_due()
        if due is None:
            return _MAX_SLEEP_S
        wait = due - self._simulator.clock()
        return min(max(wait, _MIN_SLEEP_S), _MAX_SLEEP_S)


def poster(url: str) -> Post:
    """Return a function that posts to the URL without a proxy; True means a 2xx."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send(body: bytes, headers: dict[str, str]) -> bool:
        request = urllib.request.Request(url, body, headers)  # noqa: S310 -- settings allow only http and https
        try:
            with opener.open(request, timeout=_TIMEOUT_S):
                return True
        except OSError as error:
            structlog.get_logger().warning("webhook_not_delivered", reason=str(error))
            return False

    async def post(body: bytes, headers: dict[str, str]) -> bool:
        return await asyncio.to_thread(send, body, headers)

    return post
