"""What an operator watches, in Prometheus' text format; no id, prompt or key is ever a label."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from services.api.context import ContextDep
from services.api.routes.responses import documented
from shared.states import Pause
from shared.store import Census

router = APIRouter(tags=["operation"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **documented(503)},
)
async def metrics(context: ContextDep) -> Response:
    """Tasks by state, pollers, what is overdue, today's cost, and what pauses submission."""
    census = await context.store.census()
    pollers = len(await context.fleet.alive())
    closed = await context.gate.closed()
    text = generate_latest(_registry(census, pollers, closed.reason if closed else None))
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _registry(census: Census, pollers: int, paused: Pause | None) -> CollectorRegistry:
    """Gauges of this moment alone: everything is in the store, nothing in the process."""
    registry = CollectorRegistry()
    tasks = Gauge("backburner_tasks", "Tasks by state.", ["status"], registry=registry)
    for status, count in census.tasks.items():
        tasks.labels(status).set(count)
    pauses = Gauge(
        "backburner_submission_paused",
        "1 while submission waits for everybody.",
        ["reason"],
        registry=registry,
    )
    for reason in Pause:
        pauses.labels(reason).set(reason is paused)
    for name, text, value in (
        ("pollers", "Pollers that are alive.", pollers),
        ("overdue_seconds", "How long the most overdue task has waited.", census.overdue / 1000),
        ("spent_today_dollars", "Cost of the tasks that ended today (UTC).", census.spent / 1e6),
    ):
        Gauge(f"backburner_{name}", text, registry=registry).set(value)
    return registry
