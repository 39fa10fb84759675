"""Metrics in Prometheus' text format. Labels hold no id, prompt or key."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from services.api.auth.principal import AdminDep
from services.api.dependencies import ContextDep
from services.api.health.checks import HealthReport, check_health
from services.api.health.issues import HealthSnapshot, IssueKind
from services.api.middleware.request_log import REGISTRY
from services.api.problems.openapi import problem_responses
from shared.domain.states import PauseReason

router = APIRouter(tags=["operation"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **problem_responses("admin-required"),
    },
)
async def metrics(context: ContextDep, _: AdminDep) -> Response:
    """Show tasks, pollers, delays, costs, memory of Redis, and issues."""
    registry = _registry(await check_health(context), context.broadcaster.clients)
    text = generate_latest(registry) + generate_latest(REGISTRY)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _registry(found: HealthReport, event_clients: int) -> CollectorRegistry:
    """The current gauges; without those from Redis while it does not answer."""
    registry = CollectorRegistry()
    wrong = _labelled(
        registry, "health_issue", "1 while this is wrong (docs/operations.md).", "kind"
    )
    for kind in IssueKind:
        wrong.labels(kind).set(kind in found.kinds)
    _gauge(registry, "event_clients", "Clients of this process that wait for news.", event_clients)
    if found.snapshot:
        _add_stored(registry, found.snapshot)
    return registry


def _add_stored(registry: CollectorRegistry, snapshot: HealthSnapshot) -> None:
    census, vitals = snapshot.census, snapshot.vitals
    tasks = _labelled(registry, "tasks", "Tasks by state.", "status")
    for status, count in census.tasks.items():
        tasks.labels(status).set(count)
    paused = _labelled(
        registry, "submission_paused", "1 while submission waits for everybody.", "reason"
    )
    why = snapshot.closed.reason if snapshot.closed else None
    for reason in PauseReason:
        paused.labels(reason).set(reason is why)
    shutdown = snapshot.shutdown
    memory = vitals.memory.used if vitals.memory else None
    for name, text, value in (
        ("pollers", "Pollers that are alive.", snapshot.pollers),
        ("overdue_seconds", "How long the most overdue task has waited.", census.overdue / 1000),
        ("queue_lag_seconds", "How long the oldest unfinished due job is due.", vitals.lag / 1000),
        ("queue_due_jobs", "Jobs that are due, or run.", vitals.due),
        ("spent_today_dollars", "Cost of the tasks that ended today (UTC).", census.spent / 1e6),
        ("reserved_dollars", "What tasks under way are expected to cost.", census.reserved / 1e6),
        ("budget_waiting_tasks", "Tasks for which a budget has no room.", census.waiting),
        (
            "model_shutdown_days",
            "Days until OpenAI ends the model, where announced.",
            shutdown.days_left if shutdown else None,
        ),
        ("store_memory_bytes", "Memory that the store uses.", memory),
        ("store_memory_limit_bytes", "Memory that it may use.", snapshot.memory_limit),
    ):
        if value is not None:
            _gauge(registry, name, text, value)


def _gauge(registry: CollectorRegistry, name: str, text: str, value: float) -> None:
    Gauge(f"backburner_{name}", text, registry=registry).set(value)


def _labelled(registry: CollectorRegistry, name: str, text: str, label: str) -> Gauge:
    return Gauge(f"backburner_{name}", text, [label], registry=registry)
