"""The control endpoints for tests: faults to switch on and off, and the ledger to read."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.simulator.faults import Switch
from services.simulator.simulator import Simulator


def control_routes(simulator: Simulator) -> APIRouter:
    """Everything under /control; no key is asked for, so keep it on loopback."""
    router = APIRouter(prefix="/control")

    @router.post("/faults", status_code=201)
    async def switch_on(switch: Switch) -> dict[str, Any]:
        return simulator.faults.add(switch)

    @router.get("/faults")
    async def faults() -> dict[str, Any]:
        return {"data": simulator.faults.list()}

    @router.delete("/faults")
    async def clear() -> dict[str, Any]:
        return {"cleared": simulator.faults.clear()}

    @router.get("/ledger")
    async def ledger(
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
    ) -> dict[str, Any]:
        entries, has_more = simulator.ledger.page(after, limit)
        return {"data": entries, "has_more": has_more}

    return router
