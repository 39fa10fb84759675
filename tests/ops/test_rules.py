"""The files for operators: valid, and only about metrics that the processes export."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

from services.api.health.issues import BLOCKING, STALLING, IssueKind
from shared.domain.model_shutdown import NOTICE_DAYS
from tests.harness import Installation, free_port, http
from tests.ops.promql import Sample, answer, scrape, selectors

OPS = Path(__file__).resolve().parents[2] / "ops"
DASHBOARD: dict[str, Any] = json.loads((OPS / "grafana-dashboard.json").read_text())
RULES: list[dict[str, Any]] = yaml.safe_load((OPS / "alerts.yml").read_text())["groups"][0]["rules"]
ADDED_BY_PROMETHEUS = {"up", "job", "instance", "le"}
EXPRESSIONS = [
    *(rule["expr"] for rule in RULES),
    *(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]),
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """Everything that an API and a poller export once a task has gone through both."""
    with Installation(tmp_path_factory.mktemp("exported")) as installation:
        installation.valkey(None, "--maxmemory", "100mb")
        installation.simulator(BACKBURNER_SIMULATOR_SHUTDOWN_DATE="2099-12-31")
        port = free_port()
        installation.poller(BACKBURNER_METRICS_PORT=str(port))
        installation.api()
        installation.fault("error", "retrieve")
        installation.ended(installation.submit("What do you export?")["id"])
        api = http.get(f"{installation.api_url}/metrics")
        poller = http.get(f"http://127.0.0.1:{port}/metrics")
    return scrape(api.text) + scrape(poller.text)


@pytest.mark.integration
def test_every_expression_is_promql_about_exported_metrics(exported: list[Sample]) -> None:
    names: dict[str, set[str]] = {}
    for sample in exported:
        names.setdefault(sample.labels["__name__"], set()).update(sample.labels)
    for expression in EXPRESSIONS:
        for selector in selectors(promql.parse(expression)):
            if selector.name in ADDED_BY_PROMETHEUS:
                continue
            assert selector.name in names, expression
            labels = {matcher.name for matcher in selector.matchers.matchers}
            assert labels <= names[selector.name] | ADDED_BY_PROMETHEUS, expression


@pytest.mark.integration
def test_every_metric_of_ours_is_on_the_dashboard_or_in_an_alert(exported: list[Sample]) -> None:
    ours = {
        re.sub(r"_(bucket|count|sum|created)$", "", sample.labels["__name__"])
        for sample in exported
        if sample.labels["__name__"].startswith("backburner_")
    }
    used = " ".join(EXPRESSIONS)
    assert {name for name in ours if name.removesuffix("_total") not in used} == set()


@pytest.mark.integration
def test_no_label_names_a_task_or_a_response(exported: list[Sample]) -> None:
    for sample in exported:
        assert not re.search(r"task_[0-9a-f]|resp_|sk-", str(sample.labels)), sample


def alerts(samples: list[Sample]) -> list[str]:
    """The alerts that the gauges of one scrape fire, but for those on rates."""
    rules = [
        rule for rule in RULES if "increase(" not in rule["expr"] and "rate(" not in rule["expr"]
    ]
    return [rule["alert"] for rule in rules if answer(rule["expr"], samples)]


@pytest.mark.parametrize("kind", IssueKind)
def test_every_issue_is_alerted_with_its_severity(kind: IssueKind) -> None:
    samples = [
        Sample({"__name__": "backburner_health_issue", "kind": each}, float(each is kind))
        for each in IssueKind
    ]
    expected = "BackburnerBlocked" if kind in BLOCKING | STALLING else "BackburnerDegraded"
    # The end of the model is known for months, so it has alerts of its own.
    assert alerts(samples) == ([] if kind is IssueKind.MODEL_SHUTDOWN else [expected])


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (31, []),
        (30, ["BackburnerModelShutdownNear"]),
        (8, ["BackburnerModelShutdownNear"]),
        (7, ["BackburnerModelShutdownImminent"]),
        (0, ["BackburnerModelShutdownImminent"]),
        (-1, ["BackburnerModelShutdownImminent"]),
    ],
)
def test_the_end_of_the_model_is_a_warning_and_in_its_last_week_critical(
    days: int, expected: list[str]
) -> None:
    issue = {"__name__": "backburner_health_issue", "kind": "model_shutdown"}
    count = {"__name__": "backburner_model_shutdown_days"}
    samples = [Sample(issue, float(days <= NOTICE_DAYS)), Sample(count, float(days))]
    assert alerts(samples) == expected
    severities = {rule["alert"]: rule["labels"]["severity"] for rule in RULES}
    critical = [alert for alert in expected if severities[alert] == "critical"]
    assert bool(critical) == (days <= 7)


def test_an_alert_says_what_it_is_about() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]


def test_no_panel_covers_another() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        under = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or under, (one, other)


def test_the_data_source_of_the_dashboard_can_be_chosen() -> None:
    names = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    for panel in DASHBOARD["panels"]:
        for part in (panel, *panel["targets"]):
            assert part["datasource"]["uid"].strip("${}") in names
