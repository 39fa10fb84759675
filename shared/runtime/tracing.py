"""Traces of each task through both services: off, and next to free, unless an endpoint is set."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, StatusCode

from shared.domain.task import Task

_tracer = trace.get_tracer("backburner")


def start(service: str, endpoint: str | None) -> Callable[[], None]:
    """Send what is traced to the endpoint; what is returned sends the rest and ends it.

    Headers, sampling and the like are read from the environment, by OpenTelemetry's own names.
    """
    if endpoint is None:
        return lambda: None
    # Only who traces pays for it: 30 MB, and a fifth of a second.
    from shared.runtime import otlp  # noqa: PLC0415 -- see above

    return otlp.start(service)


def current_traceparent() -> str | None:
    """The trace that is under way, in a form that fits into a record; None where there is none."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def task_span(name: str, task: Task) -> Iterator[None]:
    """A step of a task, in the trace in which the task was accepted."""
    parent = propagate.extract({"traceparent": task.trace}) if task.trace else None
    attributes: dict[str, str | int] = {
        "backburner.task": task.id,
        "backburner.attempts": task.attempts,
    }
    with _tracer.start_as_current_span(
        name, parent, SpanKind.CONSUMER, attributes, record_exception=False
    ):
        yield


@contextmanager
def provider_span(operation: str) -> Iterator[Span]:
    """One call to the provider."""
    with _tracer.start_as_current_span(
        f"provider {operation}", kind=SpanKind.CLIENT, record_exception=False
    ) as span:
        yield span


def record_outcome(span: Span, fault: str | None, request_id: str | None) -> None:
    """Say what came of the call."""
    if request_id:
        span.set_attribute("backburner.provider_request", request_id)
    if fault:
        span.set_attribute("error.type", fault)
        span.set_status(StatusCode.ERROR)
