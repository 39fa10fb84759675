"""What each call does to what is stored; knows neither HTTP nor faults."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

from services.simulator.errors import model_not_found, response_not_found
from services.simulator.fault_store import FaultBoard
from services.simulator.input_items import Page, input_items
from services.simulator.lifecycle import endings
from services.simulator.objects import echo, response_object
from services.simulator.outcomes import Outcome, choose
from services.simulator.request import MODEL
from services.simulator.request_log import Ledger, Received
from services.simulator.response_store import Accepted, Archive
from services.simulator.settings import Settings
from services.simulator.validation import parse_create

Clock = Callable[[], float]
Tokens = Callable[[int], str]
Shown = dict[str, Any]


class Simulator:
    """`clock` gives Unix seconds, `tokens(n)` gives n random bytes in hexadecimal.

    Calls raise `ApiError` for what the real service refuses.
    """

    def __init__(
        self, settings: Settings, database: sqlite3.Connection, clock: Clock, tokens: Tokens
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.archive = Archive(database)
        self.ledger = Ledger(database, self.archive)
        self.faults = FaultBoard(database)
        self.endings_changed = asyncio.Event()
        self._tokens = tokens

    def accept(self, body: bytes) -> Accepted:
        """The response that a request body starts; it exists once the ledger has recorded it."""
        request = parse_create(body)
        now = self.clock()
        by_default = Outcome(self.settings.queued_seconds, self.settings.run_seconds)
        return Accepted(
            id=f"resp_{self._tokens(8)}00{int(now):08x}{self._tokens(12)}",
            created_at=now,
            request=echo(request),
            prompt=request.prompt,
            input_tokens=20 + request.characters // 4,
            outcome=choose(request.prompt, by_default),
        )

    def show(self, accepted: Accepted) -> Shown:
        """The response object as it stands."""
        return response_object(accepted, self.clock())

    def retrieve(self, response_id: str) -> Shown:
        """GET /v1/responses/{id}."""
        return self.show(_found(self.archive.retrieve(response_id), response_id))

    def cancel(self, response_id: str) -> Shown:
        """POST /v1/responses/{id}/cancel: what has ended already stays as it ended."""
        cancelled = _found(self.archive.cancel(response_id, self.clock()), response_id)
        self.plan_event(cancelled)
        return self.show(cancelled)

    def delete(self, response_id: str) -> Shown:
        """DELETE /v1/responses/{id}."""
        _found(self.archive.delete(response_id, self.clock()), response_id)
        return {"id": response_id, "object": "response", "deleted": True}

    def input_items(self, response_id: str, page: Page) -> Shown:
        """GET /v1/responses/{id}/input_items."""
        _found(self.archive.get(response_id), response_id)
        request = parse_create(self.ledger.body(response_id))
        return input_items(response_id, request, page)

    def model(self, name: str) -> Shown:
        """GET /v1/models/{name}."""
        if name != MODEL:
            raise model_not_found(name)
        return {"id": MODEL, "object": "model", "created": 1759469822, "owned_by": "system"}

    def record(self, received: Received, accepted: Accepted | None) -> None:
        """Write a POST down, and bring the response that it started, if any, into being."""
        self.ledger.record(received, accepted, self._event_due(accepted) if accepted else None)
        self.endings_changed.set()

    def plan_event(self, accepted: Accepted) -> None:
        """Put the next ending that nobody has been told of on the webhooks' agenda."""
        due = self._event_due(accepted)
        self.archive.schedule_event(accepted.id, accepted.events_done, 0, due)
        self.endings_changed.set()

    def _event_due(self, accepted: Accepted) -> float | None:
        untold = endings(accepted.timeline)[accepted.events_done :]
        return untold[0].at if untold and self.settings.webhook_url else None


def _found(accepted: Accepted | None, response_id: str) -> Accepted:
    if accepted is None:
        raise response_not_found(response_id)
    return accepted
