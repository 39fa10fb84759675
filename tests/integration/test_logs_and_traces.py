"""A task can be followed through both services: by its ids in the logs, and as one trace."""

import gzip
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.harness import Installation, eventually, http

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

CANARY = "xylophone"
"""A word of the prompt and of a search."""


@dataclass
class Collector:
    """Takes OTLP over HTTP, and keeps every span with the name of its service."""

    url: str = ""
    spans: list[tuple[str, Span]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        self.raw.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            attributes = {
                each.key: each.value.string_value for each in resource.resource.attributes
            }
            for scope in resource.scope_spans:
                self.spans += [(attributes["service.name"], span) for span in scope.spans]

    def named(self, name: str) -> list[Span]:
        return [span for _, span in self.spans if span.name == name]


@pytest.fixture
def collector() -> Iterator[Collector]:
    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            unpacked = self.headers.get("content-encoding") == "gzip"
            kept.take(gzip.decompress(body) if unpacked else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


def attribute(span: Span, key: str) -> str | None:
    found = [each.value for each in span.attributes if each.key == key]
    return found[0].string_value if found else None


def test_one_trace_leads_from_the_request_to_the_answer(
    installation: Installation, collector: Collector
) -> None:
    installation.environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "BACKBURNER_LOG_FORMAT": "json",
    }
    installation.all()
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    reply = http.post(
        f"{installation.api_url}/v1/tasks",
        json={"input": f"Where is the {CANARY}?"},
        headers=headers,
    )
    task_id = reply.json()["id"]
    installation.ended(task_id)
    http.get(f"{installation.api_url}/v1/tasks?q={CANARY}")
    http.get(f"{installation.api_url}/readyz")
    with http.stream("GET", f"{installation.api_url}/v1/events") as events:
        assert next(events.iter_lines())
    eventually(lambda: collector.named("GET /v1/tasks"), "the search is traced")
    eventually(lambda: len(collector.named("provider retrieve")) > 1, "the polls are traced")
    for process in reversed(installation.processes):
        process.stop()

    [accepted], [submit] = collector.named("POST /v1/tasks"), collector.named("submit")
    [create], polls = collector.named("provider create"), collector.named("poll")
    assert {span.trace_id.hex() for span in (accepted, submit, create, *polls)} == {trace_id}
    assert {span.parent_span_id for span in (submit, *polls)} == {accepted.span_id}
    assert create.parent_span_id == submit.span_id
    retrieves = collector.named("provider retrieve")
    assert {span.parent_span_id for span in retrieves} == {span.span_id for span in polls}
    assert attribute(submit, "backburner.task") == task_id
    assert str(attribute(create, "backburner.provider_request")).startswith("req_")
    services = {(service, span.name) for service, span in collector.spans}
    assert ("backburner-api", "POST /v1/tasks") in services
    assert ("backburner-poller", "submit") in services
    assert not [name for _, name in services if "readyz" in name or "events" in name]
    assert CANARY.encode() not in b"".join(collector.raw)
    lines = [json.loads(line) for line in installation.processes[2].output.splitlines()]
    submitted = next(line for line in lines if line["event"] == "task_submitted")
    assert submitted["trace_id"] == trace_id


def test_a_collector_that_is_away_harms_nothing(installation: Installation) -> None:
    installation.environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    installation.all()
    assert installation.ended(installation.submit("Any trace?")["id"])["status"] == "completed"
    for process in reversed(installation.processes):
        assert process.stop(patience=10) == 0


def test_every_line_about_a_task_names_it_and_whom_it_speaks_to(
    installation: Installation,
) -> None:
    installation.environment = {"BACKBURNER_LOG_FORMAT": "json"}
    installation.all()
    reply = http.post(f"{installation.api_url}/v1/tasks", json={"input": "Who are you?"})
    task = installation.ended(reply.json()["id"])
    refused = installation.submit("And you?")
    installation.fault("error", "retrieve")
    installation.ended(refused["id"])

    api, poller = (
        [
            json.loads(line)
            for process in installation.processes
            if process.name == name
            for line in process.output.splitlines()
        ]
        for name in ("api", "poller")
    )
    [accepted] = [line for line in api if line.get("accepted") == task["id"]]
    assert accepted["request_id"] == reply.headers["x-request-id"]
    [submitted] = [
        line for line in poller if line["event"] == "task_submitted" and line["task"] == task["id"]
    ]
    assert submitted["response"] == task["response_id"]
    assert submitted["client_request_id"] == task["client_request_id"]
    [completed] = [
        line for line in poller if line["event"] == "task_finished" and line["task"] == task["id"]
    ]
    assert completed["response"] == task["response_id"]
    [unanswered] = [line for line in poller if line["event"] == "poll_unanswered"]
    assert unanswered["task"] == refused["id"]
    ids = [line["provider_request_id"] for line in (submitted, completed, unanswered)]
    assert all(re.fullmatch(r"req_[0-9a-f]{32}", each) for each in ids)
    assert len(set(ids)) == 3
