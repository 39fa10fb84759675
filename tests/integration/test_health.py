"""Five planted issues: /readyz, the log and the figures each name the cause by themselves."""

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.harness import Installation, Process, eventually, free_port, http
from tests.ops.promql import Sample, answer, scrape
from tests.ops.test_rules import DASHBOARD, RULES

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

WRONG = DASHBOARD["panels"][0]["targets"][0]["expr"]
"""The query of the panel "What is wrong"."""


@dataclass
class Operator:
    """Somebody who has the address of the API, the logs and the dashboard, and nothing else."""

    installation: Installation
    metrics_port: int = 0

    def starts(self, **poller: str) -> None:
        self.installation.simulator()
        self.metrics_port = free_port()
        port = {"BACKBURNER_METRICS_PORT": str(self.metrics_port)}
        self.installation.poller(BACKBURNER_LOG_FORMAT="json", **port, **poller)
        self.installation.api(BACKBURNER_LOG_FORMAT="json")

    @property
    def poller(self) -> Process:
        return next(each for each in self.installation.processes if each.name == "poller")

    def ready(self) -> dict[str, Any]:
        state: dict[str, Any] = http.get(f"{self.installation.api_url}/readyz").json()
        return state

    def finds(self, kind: str, words: str, patience: float = 30) -> dict[str, Any]:
        """The state in /readyz once it names the issue; the log and the dashboard do, too."""
        state: dict[str, Any] = eventually(
            lambda: (
                (now := self.ready()) and kind in {each["kind"] for each in now["issues"]} and now
            ),
            f"/readyz names {kind}",
            patience,
        )
        assert words in state["detail"]
        assert kind in {sample.labels["kind"] for sample in answer(WRONG, self.figures())}
        assert any(answer(rule["expr"], self.figures()) for rule in RULES[:2])
        line = eventually(
            lambda: self.logged("health_issue_detected", kind=kind), f"the log names {kind}"
        )
        assert words in line["message"]
        return state

    def figures(self) -> list[Sample]:
        """What Prometheus would have scraped now."""
        samples = scrape(http.get(f"{self.installation.api_url}/metrics").text)
        try:
            poller = http.get(f"http://127.0.0.1:{self.metrics_port}/metrics").text
        except httpx.HTTPError:
            return samples
        return samples + scrape(poller)

    def figure(self, expression: str) -> float:
        [sample] = answer(expression, self.figures())
        return sample.value

    def logged(self, event: str, **fields: Any) -> dict[str, Any] | None:
        """The first such line of any process."""
        for process in self.installation.processes:
            if process.name in ("api", "poller"):
                for line in map(_read, process.output.splitlines()):
                    if line.items() >= ({"event": event} | fields).items():
                        return line
        return None


def _read(line: str) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(line)
    except ValueError:  # a line that is being written
        return {}
    return read


@pytest.fixture
def operator(installation: Installation) -> Operator:
    installation.valkey()
    return Operator(installation)


def test_nothing_is_wrong_until_something_is(operator: Operator) -> None:
    operator.starts()
    operator.installation.ended(operator.installation.submit("All well?")["id"])
    assert operator.ready()["issues"] == []
    assert answer(WRONG, operator.figures()) == []


@pytest.mark.parametrize(
    ("fault", "words"), [("bad_key", "Set a valid OPENAI_API_KEY"), ("quota", "Add credit")]
)
def test_a_revoked_key_and_a_spent_quota(operator: Operator, fault: str, words: str) -> None:
    operator.starts()
    operator.installation.fault(fault, "create", times=1)
    task_id = operator.installation.submit("Who pays?")["id"]

    state = operator.finds(fault, words)

    assert (state["status"], state["paused"]["reason"]) == ("ready", fault)
    assert operator.logged("submissions_paused", task=task_id, reason=fault)
    assert operator.figure(f'backburner_submission_paused{{reason="{fault}"}}') == 1
    assert operator.figure('backburner_submissions_total{outcome="paused"}') == 1


def test_a_dead_poller(operator: Operator) -> None:
    operator.starts()
    operator.poller.kill()

    state = operator.finds("no_poller", "No poller is running")

    assert state["detail"].startswith("Tasks are accepted and wait.")
    assert operator.figure("backburner_pollers") == 0
    operator.installation.poller()
    eventually(lambda: operator.ready()["issues"] == [], "all is well again")
    eventually(
        lambda: operator.logged("health_issue_resolved", kind="no_poller"), "the log says so"
    )


def test_a_full_store_which_was_announced(operator: Operator) -> None:
    operator.starts()
    store = operator.installation.store

    def issues_with_memory_for(factor: float) -> object:
        # Again each time: at first it counts buffers of the value that the start has tried.
        store.config_set("maxmemory", int(factor * store.info("memory")["used_memory"]))
        return operator.ready()["issues"]

    eventually(
        lambda: (
            issues_with_memory_for(1.1)
            and operator.logged("health_issue_detected", kind="store_filling")
        ),
        "it fills up",
    )
    assert operator.finds("store_filling", "is filling up")["status"] == "ready"

    issues_with_memory_for(0.9)
    assert operator.finds("store_full", "maxmemory")["status"] == "unavailable"
    refused = http.post(f"{operator.installation.api_url}/v1/tasks", json={"input": "Room?"})
    assert refused.status_code == 503
    request = operator.logged("request_completed", status=503, route="/v1/tasks")
    assert request
    assert operator.logged("store_unavailable", request_id=request["request_id"])
    limit = operator.figure("backburner_store_memory_limit_bytes")
    assert operator.figure("backburner_store_memory_bytes") > limit


def test_a_provider_that_does_not_answer(operator: Operator) -> None:
    operator.starts(BACKBURNER_POLL_TIMEOUT="1")
    operator.installation.fault("hang", "retrieve", times=None)
    task = operator.installation.submit("Hello?")

    operator.finds("provider_failing", "no answer within 1 s")

    assert operator.logged("poll_unanswered", task=task["id"], reason="no_reply")
    errors = 'backburner_provider_errors_total{operation="retrieve", kind="no_reply"} > 2'
    assert answer(errors, operator.figures())
    operator.installation.clear_faults()
    assert operator.installation.ended(task["id"])["status"] == "completed"


@pytest.mark.slow
def test_a_provider_that_answers_late(operator: Operator) -> None:
    operator.starts()
    operator.installation.fault("accept_then_hang", "retrieve", times=None, seconds=10.5)
    tasks = [operator.installation.submit("Slowly?")["id"] for _ in range(6)]

    operator.finds("provider_slow", "The simulator is slow", patience=60)

    slow = operator.logged("provider_call_slow", operation="retrieve")
    assert slow
    assert slow["task"] in tasks
    at_most_10 = 'backburner_provider_request_duration_seconds_bucket{operation="retrieve"}'
    buckets = {s.labels["le"]: s.value for s in answer(at_most_10, operator.figures())}
    assert buckets["10.0"] < buckets["20.0"]
