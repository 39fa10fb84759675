"""Delivers spans to a collector; imported only by a process that is told of one."""

from collections.abc import Callable

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

EXPORT_TIMEOUT_S = 3
"""Seconds for one delivery, and so about what a collector that is away can hold up the end."""


class QueryRedactor(SpanProcessor):
    """Keeps out what people search for: FastAPI puts the whole query string into its spans."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002 -- the SDK's
        """Cover the query string, if there is one."""
        if "url.query" in (span.attributes or {}):
            span.set_attribute("url.query", "REDACTED")


def start(service: str) -> Callable[[], None]:
    """Deliver from now on; what is returned delivers the rest and ends it."""
    resource = Resource.create({"service.namespace": "backburner", "service.name": service})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(QueryRedactor())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=EXPORT_TIMEOUT_S)))
    trace.set_tracer_provider(provider)
    return provider.shutdown
