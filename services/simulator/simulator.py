"""Carries out each call on the stored responses, without HTTP or faults."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

from services.simulator.dialects import Dialect, dialects, new_id, translate
from services.simulator.errors import ApiError, model_not_found, response_not_found
from services.simulator.fault_store import FaultStore
from services.simulator.input_items import Page, input_items
from services.simulator.lifecycle import final_changes
from services.simulator.models import find_model
from services.simulator.objects import request_fields, response_object
from services.simulator.request_log import LoggedRequest, RequestLog
from services.simulator.response_store import ResponseStore, StoredResponse
from services.simulator.scripts import Script, parse_script
from services.simulator.settings import Settings
from services.simulator.validation import parse_create

Clock = Callable[[], float]
RandomHex = Callable[[int], str]
Json = dict[str, Any]


class Simulator:
    """The simulated service. ``clock`` returns Unix seconds, ``random_hex(n)`` n bytes in hex.

    Calls raise ApiError for what the real service rejects.
    """

    def __init__(
        self, settings: Settings, database: sqlite3.Connection, clock: Clock, random_hex: RandomHex
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.responses = ResponseStore(database)
        self.request_log = RequestLog(database, self.responses)
        self.faults = FaultStore(database)
        self.events_changed = asyncio.Event()
        self._random_hex = random_hex

    def accept(self, body: bytes) -> StoredResponse:
        """Parse a request body into a response. ``record`` stores it."""
        request = parse_create(body)
        now = self.clock()
        script = parse_script(request.prompt, self._default_script)
        if script.refused:
            raise ApiError(400, "This request is refused.", "input", "invalid_prompt")
        if script.blocked:
            raise ApiError(403, "A policy blocks this request.", code="blocked_by_policy")
        token = f"{self._random_hex(8)}00{int(now):08x}{self._random_hex(12)}"
        return StoredResponse(
            id=new_id(dialects(script.dialects), token),
            created_at=now,
            request=request_fields(request),
            prompt=request.prompt,
            input_tokens=20 + request.characters // 4,
            script=script,
        )

    @property
    def _default_script(self) -> Script:
        settings = self.settings
        at_once = "synchronous" in settings.dialect
        spoken = tuple(name for name in settings.dialect if name != "synchronous")
        queued, run = (0, 0) if at_once else (settings.queued_seconds, settings.run_seconds)
        return Script(queued, run, dialects=spoken)

    def spoken(self, prompt: str) -> list[Dialect]:
        """The dialects that are set for the server, and those that a prompt asks for."""
        try:
            return dialects(parse_script(prompt, self._default_script).dialects)
        except ApiError:  # an unknown script, which the call itself refuses
            return dialects(self._default_script.dialects)

    def spoken_of(self, response_id: str) -> list[Dialect]:
        """The dialects in which calls for a response are answered."""
        stored = self.responses.get(response_id)
        return self.spoken(stored.prompt if stored else "")

    def show(self, stored: StoredResponse, operation: str = "create") -> Json:
        """Return the response object at this time, as the reply to an operation has it."""
        shown = response_object(stored, self.clock())
        return translate(dialects(stored.script.dialects), operation, shown)

    def retrieve(self, response_id: str) -> Json:
        """GET /v1/responses/{id}."""
        stored = _found(self.responses.retrieve(response_id), response_id)
        return self.show(stored, "retrieve")

    def cancel(self, response_id: str) -> Json:
        """POST /v1/responses/{id}/cancel. An ended response is returned unchanged."""
        cancelled = _found(self.responses.cancel(response_id, self.clock()), response_id)
        self.plan_event(cancelled)
        return self.show(cancelled)

    def delete(self, response_id: str) -> Json:
        """DELETE /v1/responses/{id}."""
        _found(self.responses.delete(response_id, self.clock()), response_id)
        return {"id": response_id, "object": "response", "deleted": True}

    def input_items(self, response_id: str, page: Page) -> Json:
        """GET /v1/responses/{id}/input_items."""
        _found(self.responses.get(response_id), response_id)
        request = parse_create(self.request_log.body(response_id))
        return input_items(response_id, request, page)

    def model(self, name: str) -> Json:
        """GET /v1/models/{name}."""
        model = find_model(name)
        if model is None:
            raise model_not_found(name)
        shutdown = self.settings.shutdown_date
        return {
            "id": name,
            "object": "model",
            "created": model.created,
            "owned_by": "system",
            "shutdown_date": shutdown and shutdown.isoformat(),
        }

    def record(self, logged: LoggedRequest, stored: StoredResponse | None) -> None:
        """Store a POST and the response that it started, if any."""
        self.request_log.record(logged, stored, self._event_due(stored) if stored else None)
        self.events_changed.set()

    def plan_event(self, stored: StoredResponse) -> None:
        """Schedule the webhook event of the next final status that was not delivered."""
        due = self._event_due(stored)
        self.responses.schedule_event(stored.id, stored.events_done, 0, due)
        self.events_changed.set()

    def _event_due(self, stored: StoredResponse) -> float | None:
        pending = final_changes(stored.timeline)[stored.events_done :]
        return pending[0].at if pending and self.settings.webhook_url else None


def _found(stored: StoredResponse | None, response_id: str) -> StoredResponse:
    if stored is None:
        raise response_not_found(response_id)
    return stored
