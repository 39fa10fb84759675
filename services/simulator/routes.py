"""The published endpoints: responses, their input items, and the model."""

import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.simulator import errors
from services.simulator.delivery import DeliveryResponse, Drop, Reply
from services.simulator.errors import ApiError
from services.simulator.faults import Operation, deliver
from services.simulator.input_items import Page
from services.simulator.request_log import Received
from services.simulator.response_store import Accepted
from services.simulator.simulator import Simulator

_HEADERS_KEPT = ("user-agent", "x-client-request-id", "idempotency-key")


class Endpoint:
    """Carries out one call: checks the key, lets a fault that is due have its way, replies."""

    def __init__(self, simulator: Simulator, drop: Drop) -> None:
        self._simulator = simulator
        self._drop = drop

    def call(
        self, request: Request, operation: Operation, subject: str, act: Callable[[], object]
    ) -> Response:
        """Any call but a create."""
        switch = self._simulator.faults.fire(operation)
        delivery = deliver(switch, subject, lambda: self._reply(request, act))
        return DeliveryResponse(delivery, self._drop)

    async def create(self, request: Request) -> Response:
        """A create: it and what is sent back stand in the ledger before anything is sent."""
        body = await request.body()
        accepted: list[Accepted] = []

        def act() -> object:
            accepted.append(self._simulator.accept(body))
            return self._simulator.show(accepted[0])

        switch = self._simulator.faults.fire("create")
        delivery = deliver(switch, "", lambda: self._reply(request, act))
        received = Received(
            received_at=self._simulator.clock(),
            status=delivery.status,
            fault=switch.kind if switch else None,
            headers={name: request.headers.get(name) for name in _HEADERS_KEPT},
            body=body,
        )
        self._simulator.record(received, accepted[0] if accepted else None)
        if switch is None and accepted:
            delivery = replace(delivery, wait=self._simulator.settings.create_seconds)
        return DeliveryResponse(delivery, self._drop)

    def _reply(self, request: Request, act: Callable[[], object]) -> Reply:
        try:
            self._authorize(request)
            return Reply.of(act())
        except ApiError as refused:
            return Reply.refusing(refused)

    def _authorize(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._simulator.settings.key}".encode()):
            raise errors.invalid_key()


def published_routes(simulator: Simulator, drop: Drop) -> APIRouter:
    """Everything under /v1."""
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
