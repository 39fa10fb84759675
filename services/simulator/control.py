"""The control endpoints for tests: faults, and the log of received requests."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.simulator.faults import Fault
from services.simulator.simulator import Simulator


def control_routes(simulator: Simulator) -> APIRouter:
    """Return the routes under /control. They need no key, so keep the simulator on loopback."""
    router = APIRouter(prefix="/control")

    @router.post("/faults", status_code=201)
    async def add_fault(fault: Fault) -> dict[str, Any]:
        return simulator.faults.add(fault)

    @router.get("/faults")
    async def faults() -> dict[str, Any]:
        return {"data": simulator.faults.list()}

    @router.delete("/faults")
    async def clear_faults() -> dict[str, Any]:
        return {"cleared": simulator.faults.clear()}

    @router.get("/requests")
    async def requests(
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
    ) -> dict[str, Any]:
        entries, has_more = simulator.request_log.page(after, limit)
        return {"data": entries, "has_more": has_more}

    return router
