"""Tells a receiver, signed and at least once, that a response has ended."""

import asyncio
import hashlib
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import structlog
from standardwebhooks import Webhook

from services.simulator.lifecycle import endings
from services.simulator.response_store import Accepted
from services.simulator.simulator import Simulator

Post = Callable[[bytes, dict[str, str]], Awaitable[bool]]

_AT_ONCE = 16
_ATTEMPTS = 10
_TIMEOUT_SECONDS = 3.0
_SHORTEST_SLEEP_SECONDS = 0.02
_LONGEST_SLEEP_SECONDS = 60.0


class Webhooks:
    """Sends the events that are due; `post` says whether the receiver confirmed one."""

    def __init__(self, simulator: Simulator, secret: str, post: Post) -> None:
        self._simulator = simulator
        self._signer = Webhook(secret)
        self._post = post

    async def run(self) -> None:
        """Send for ever."""
        while True:
            self._simulator.endings_changed.clear()
            await self.send_due()
            try:
                await asyncio.wait_for(self._simulator.endings_changed.wait(), self._pause())
            except TimeoutError:
                continue

    async def send_due(self) -> None:
        """Send what is due now, a few events at a time."""
        due = self._simulator.archive.due_events(self._simulator.clock(), _AT_ONCE)
        await asyncio.gather(*map(self._send, due))

    async def _send(self, accepted: Accepted) -> None:
        body, headers = self._event(accepted)
        duplicate = self._simulator.faults.fire("webhook") is not None
        confirmed = await self._post(body, headers)
        if duplicate:
            confirmed = await self._post(body, headers)
        self._settle(accepted, confirmed=confirmed)

    def _settle(self, sent: Accepted, *, confirmed: bool) -> None:
        """Go on to the next ending, or try this one again after 1, 2, 4 … seconds."""
        accepted = self._simulator.archive.get(sent.id)
        if accepted is None:
            return
        attempts = accepted.event_attempts + 1
        if confirmed or attempts == _ATTEMPTS:
            self._simulator.plan_event(replace(accepted, events_done=accepted.events_done + 1))
            return
        again = self._simulator.clock() + 2 ** (attempts - 1)
        self._simulator.archive.schedule_event(accepted.id, accepted.events_done, attempts, again)

    def _event(self, accepted: Accepted) -> tuple[bytes, dict[str, str]]:
        """The body and the signed headers of the first event not reported yet."""
        ending = endings(accepted.timeline)[accepted.events_done]
        name = hashlib.sha256(f"{accepted.id} {accepted.events_done}".encode()).hexdigest()[:32]
        event = {
            "id": f"evt_{name}",
            "object": "event",
            "created_at": int(ending.at),
            "type": f"response.{ending.status}",
            "data": {"id": accepted.id},
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

    def _pause(self) -> float:
        due = self._simulator.archive.next_event_due()
        if due is None:
            return _LONGEST_SLEEP_SECONDS
        wait = due - self._simulator.clock()
        return min(max(wait, _SHORTEST_SLEEP_SECONDS), _LONGEST_SLEEP_SECONDS)


def poster(url: str) -> Post:
    """Posts to `url` in a thread, past any proxy; True for a 2xx."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send(body: bytes, headers: dict[str, str]) -> bool:
        request = urllib.request.Request(url, body, headers)  # noqa: S310 - the settings allow http and https only
        try:
            with opener.open(request, timeout=_TIMEOUT_SECONDS):
                return True
        except OSError as problem:
            structlog.get_logger().warning("webhook not delivered", reason=str(problem))
            return False

    async def post(body: bytes, headers: dict[str, str]) -> bool:
        return await asyncio.to_thread(send, body, headers)

    return post
