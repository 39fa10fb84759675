"""Whether the process lives, and whether tasks are being taken and worked on."""

import orjson
from fastapi import APIRouter, Response
from redis.exceptions import RedisError

from services.api.context import Context, ContextDep
from services.api.replies import JSON
from services.api.schemas import Healthy, Ready
from services.api.views import moment
from shared.request import MODEL

router = APIRouter(tags=["operation"])


@router.get("/healthz", response_model=Healthy)
async def healthz() -> Response:
    """The process answers; says nothing about the store."""
    return Response(b'{"status":"ok"}', media_type=JSON)


@router.get("/readyz", response_model=Ready, responses={503: {"model": Ready}})
async def readyz(context: ContextDep) -> Response:
    """Whether tasks are taken (200 or 503), and in one sentence what else is wrong."""
    state: dict[str, object] = {"provider": context.settings.provider, "model": MODEL}
    try:
        state |= await _working(context)
    except (RedisError, OSError):
        state |= {
            "status": "unavailable",
            "pollers": 0,
            "paused": None,
            "detail": "The store does not answer; no task is lost, and none can be taken.",
        }
    code = 200 if state["status"] == "ready" else 503
    return Response(orjson.dumps(state), code, media_type=JSON)


async def _working(context: Context) -> dict[str, object]:
    pollers = len(await context.fleet.alive())
    closed = await context.gate.closed()
    detail = "Tasks are taken and worked on."
    if closed:
        detail = f"Tasks are taken and wait: {closed.message}"
    elif not pollers:
        detail = "Tasks are taken and wait: no poller is running."
    paused = closed and {
        "reason": closed.reason,
        "message": closed.message,
        "since": moment(closed.since),
    }
    return {"status": "ready", "pollers": pollers, "paused": paused, "detail": detail}
