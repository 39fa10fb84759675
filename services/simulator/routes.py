"""The published endpoints under /v1: responses, their input items, and the model."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.simulator import errors
from services.simulator.delivery import CloseConnection, DeliveryResponse, Reply
from services.simulator.dialects import NO_SUCH_URL, Dialect, error_in, reply_in
from services.simulator.errors import ApiError
from services.simulator.faults import Operation, deliver
from services.simulator.input_items import Page
from services.simulator.request_log import LoggedRequest
from services.simulator.response_store import StoredResponse
from services.simulator.simulator import Simulator
from services.simulator.validation import parse_create

_HEADERS_KEPT = ("user-agent", "x-client-request-id", "idempotency-key")


class Endpoint:
    """Handles a call: applies a fault if one is due, checks the key, replies."""

    def __init__(self, simulator: Simulator, drop: CloseConnection) -> None:
        self._simulator = simulator
        self._drop = drop

    def call(
        self, request: Request, operation: Operation, subject: str, act: Callable[[], object]
    ) -> Response:
        """Handle any call except a create."""
        fault = self._simulator.faults.fire(operation)
        spoken = self._simulator.spoken_of(subject)

        def act_if_known() -> object:
            if any(operation in dialect.without for dialect in spoken):
                raise NO_SUCH_URL if operation == "model" else errors.response_not_found(subject)
            return act()

        delivery = deliver(
            fault, subject, lambda: self._reply(request, operation, act_if_known, spoken)
        )
        return DeliveryResponse(delivery, self._drop)

    async def create(self, request: Request) -> Response:
        """Handle a create. Request and reply are logged before anything is sent."""
        body = await request.body()
        stored: list[StoredResponse] = []

        def act() -> object:
            stored.append(self._simulator.accept(body))
            return self._simulator.show(stored[0])

        fault = self._simulator.faults.fire("create")
        spoken = self._simulator.spoken(_prompt(body))
        delivery = deliver(fault, "", lambda: self._reply(request, "create", act, spoken))
        logged = LoggedRequest(
            received_at=self._simulator.clock(),
            status=delivery.status,
            fault=fault.kind if fault else None,
            headers={name: request.headers.get(name) for name in _HEADERS_KEPT},
            body=body,
        )
        self._simulator.record(logged, stored[0] if stored else None)
        if fault is None and stored:
            delivery = replace(delivery, wait=self._simulator.settings.create_seconds)
        return DeliveryResponse(delivery, self._drop)

    def _reply(
        self,
        request: Request,
        operation: Operation,
        act: Callable[[], object],
        spoken: Sequence[Dialect],
    ) -> Reply:
        try:
            self._authorize(request)
            return reply_in(spoken, operation, Reply.ok(act()))
        except ApiError as refused:
            return error_in(spoken, refused)

    def _authorize(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._simulator.settings.key}".encode()):
            raise errors.INVALID_KEY


def _prompt(body: bytes) -> str:
    try:
        return parse_create(body).prompt
    except ApiError:
        return ""


def published_routes(simulator: Simulator, drop: CloseConnection) -> APIRouter:
    """Return the routes under /v1."""
    router = APIRouter(prefix="/v1")
    endpoint = Endpoint(simulator, drop)

    router.add_api_route("/responses", endpoint.create, methods=["POST"])

    @router.get("/responses/{name}")
    async def retrieve(request: Request, name: str) -> Response:
        return endpoint.call(request, "retrieve", name, lambda: simulator.retrieve(name))

    @router.post("/responses/{name}/cancel")
    async def cancel(request: Request, name: str) -> Response:
        return endpoint.call(request, "cancel", name, lambda: simulator.cancel(name))

    @router.delete("/responses/{name}")
    async def delete(request: Request, name: str) -> Response:
        return endpoint.call(request, "delete", name, lambda: simulator.delete(name))

    @router.get("/responses/{name}/input_items")
    async def input_items(request: Request, name: str, page: Annotated[Page, Query()]) -> Response:
        return endpoint.call(
            request, "input_items", name, lambda: simulator.input_items(name, page)
        )

    @router.get("/models/{name}")
    async def model(request: Request, name: str) -> Response:
        return endpoint.call(request, "model", name, lambda: simulator.model(name))

    return router
