"""Whether the process lives, and whether tasks are being taken and worked on."""

from dataclasses import asdict
from typing import Any

import orjson
from fastapi import APIRouter, Response

from services.api.auth.principal import OptionalPrincipalDep
from services.api.dependencies import ContextDep
from services.api.health.checks import HealthReport, check_health
from services.api.health.issues import BLOCKING, HealthSnapshot
from services.api.http.media_types import JSON
from services.api.schemas.task import Liveness, Readiness
from shared.openai.request import MODEL
from shared.presentation.serializers import moment

router = APIRouter(tags=["operation"])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", response_model=Liveness)
async def healthz() -> Response:
    """The process answers; says nothing about the store."""
    return Response(b'{"status":"ok"}', media_type=JSON)


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness}},
    openapi_extra={"security": [{}]},  # the token is optional
)
async def readyz(context: ContextDep, principal: OptionalPrincipalDep) -> Response:
    """Whether tasks are taken (200 or 503), and in a sentence what is wrong.

    Where there are tokens, nobody without one is told more than whether.
    """
    found = await check_health(context)
    ready = not found.kinds & BLOCKING
    state: dict[str, Any] = {
        "status": "ready" if ready else "unavailable",
        "provider": context.settings.provider,
        "model": MODEL,
    }
    state |= _UNTOLD if principal is None else _told(found)
    return Response(orjson.dumps(state), 200 if ready else 503, media_type=JSON)


_UNTOLD: dict[str, Any] = {
    "pollers": None,
    "paused": None,
    "issues": [],
    "detail": "Send a token to be told more.",
}


def _told(found: HealthReport) -> dict[str, Any]:
    return {
        "pollers": found.snapshot.pollers if found.snapshot else 0,
        "paused": _paused(found.snapshot),
        "issues": [asdict(issue) for issue in found.issues],
        "detail": found.detail,
    }


def _paused(snapshot: HealthSnapshot | None) -> dict[str, Any] | None:
    if snapshot is None or snapshot.closed is None:
        return None
    closed = snapshot.closed
    return {"reason": closed.reason, "message": closed.message, "since": moment(closed.since)}
