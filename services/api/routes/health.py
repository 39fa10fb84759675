"""Liveness and readiness for load balancers, operators and the page."""

from typing import Any

import orjson
from fastapi import APIRouter, Response

from services.api.auth.principal import OptionalPrincipalDep
from services.api.dependencies import ContextDep
from services.api.health.checks import HealthReport, check_health
from services.api.health.issues import BLOCKING, FOR_ADMINS, HealthSnapshot
from services.api.http.media_types import JSON
from services.api.schemas.health import Liveness, Readiness
from shared.openai.model import ACTIVE
from shared.presentation.serializers import format_timestamp

router = APIRouter(tags=["operation"])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", response_model=Liveness)
async def healthz() -> Response:
    """Answer while the process runs; does not check Redis."""
    return Response(b'{"status":"ok"}', media_type=JSON)


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness}},
    openapi_extra={"security": [{}]},  # the token is optional
)
async def readyz(context: ContextDep, principal: OptionalPrincipalDep) -> Response:
    """Say whether tasks are accepted and processed (200 or 503), and why not.

    If the server has a tokens file, details need a token, and some of them an admin's.
    """
    found = await check_health(context)
    ready = not found.kinds & BLOCKING
    state: dict[str, Any] = {
        "status": "ready" if ready else "unavailable",
        "provider": context.settings.provider,
        "model": ACTIVE.name,
    }
    if principal is not None and not principal.admin:
        found = found.without(FOR_ADMINS)
    state |= _WITHOUT_TOKEN if principal is None else _details(found)
    return Response(orjson.dumps(state), 200 if ready else 503, media_type=JSON)


_WITHOUT_TOKEN: dict[str, Any] = {
    "pollers": None,
    "paused": None,
    "issues": [],
    "detail": "Send a token for details.",
    "durability": None,
}


def _details(found: HealthReport) -> dict[str, Any]:
    return {
        "pollers": found.snapshot.pollers if found.snapshot else 0,
        "paused": _paused(found.snapshot),
        "issues": [{"kind": issue.kind, "message": issue.text} for issue in found.issues],
        "detail": found.detail,
        "durability": found.snapshot.trial.durability.value if found.snapshot else None,
    }


def _paused(snapshot: HealthSnapshot | None) -> dict[str, Any] | None:
    if snapshot is None or snapshot.closed is None:
        return None
    closed = snapshot.closed
    return {
        "reason": closed.reason,
        "message": closed.text,
        "since": format_timestamp(closed.since),
        "attempts": closed.attempts,
        "next_attempt_at": format_timestamp(closed.probe_at),
    }
