"""Without an endpoint nothing is traced, carried along or even loaded."""

import subprocess
import sys

from shared.runtime import tracing
from tests.harness import ROOT
from tests.shared.tasks import snapshot


def test_without_an_endpoint_no_trace_is_propagated() -> None:
    finish = tracing.start("backburner-test", None)
    with tracing.task_span("submit", snapshot()), tracing.provider_span("create") as span:
        tracing.record_outcome(span, "503", "req_1")
        assert tracing.current_traceparent() is None
    finish()


def test_a_trace_in_the_record_is_gone_on_with() -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    with tracing.task_span("submit", snapshot(trace=parent)):
        assert tracing.current_traceparent() == parent


def test_nonsense_in_the_record_is_no_trace() -> None:
    with tracing.task_span("submit", snapshot(trace="nonsense")):
        assert tracing.current_traceparent() is None


def test_without_an_endpoint_the_exporter_is_not_loaded() -> None:
    code = (
        "import sys, services.api.bootstrap.process, services.poller.bootstrap;"
        "print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    )
    argv = [sys.executable, "-c", code]
    found = subprocess.run(argv, cwd=ROOT, capture_output=True, check=True, text=True)  # noqa: S603 -- our own command
    assert found.stdout == "[]\n"
