"""The Helm chart renders objects that Kubernetes accepts, and settings that the services accept.

Needs the packages of requirements-helm.in, which take 350 MB; without them it is left out.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from services.api.settings import ApiSettings
from services.poller.settings import PollerSettings

helm_python = pytest.importorskip("helm_python")
kubernetes_validate = pytest.importorskip("kubernetes_validate")

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "ops" / "helm" / "backburner"
CUSTOM_KINDS = ("ScaledObject", "TriggerAuthentication")
BUNDLED = {"valkey": {"bundled": True}}
EVERYTHING = {
    "valkey": {"bundled": True, "storage": {"className": "fast"}},
    "api": {"autoscaling": {"enabled": True}, "allowedHosts": ["answers.example"]},
    "pollers": {"keda": {"enabled": True}},
    "ingress": {
        "enabled": True,
        "className": "nginx",
        "host": "answers.example",
        "path": "/backburner",
        "tlsSecretName": "tls",
        "annotations": {"nginx.ingress.kubernetes.io/proxy-buffering": "off"},
    },
    "networkPolicy": {
        "apiFrom": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}],
        "metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
    },
    "imagePullSecrets": [{"name": "registry"}],
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "spot", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "env": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel:4318"},
}
VALUES = {
    "defaults": {},
    "bundled Valkey": BUNDLED,
    "everything": EVERYTHING,
    "no tokens": {"api": {"tokens": False}, "networkPolicy": {"enabled": False}},
    "simulator": {"provider": "simulator", "podDisruptionBudget": {"enabled": False}},
}


def rendered(values: dict[str, Any]) -> list[dict[str, Any]]:
    chart = helm_python.Chart.load(str(CHART))
    files = chart.render(values, name="bb", namespace="answers")
    return [
        document
        for text in files.values()
        for document in yaml.safe_load_all(text)
        if isinstance(document, dict)
    ]


def container(documents: list[dict[str, Any]], name: str) -> dict[str, Any]:
    [found] = [
        each
        for document in documents
        if document["kind"] in ("Deployment", "StatefulSet")
        for each in document["spec"]["template"]["spec"]["containers"]
        if each["name"] == name
    ]
    return found


def environment(found: dict[str, Any], secret: dict[str, str]) -> dict[str, str]:
    """The variables of a container, with those of the Secret."""
    values = {}
    for each in found["env"]:
        reference = each.get("valueFrom", {}).get("secretKeyRef")
        value = secret.get(reference["key"]) if reference else each["value"]
        if value is not None:
            values[each["name"]] = value
    return values


def test_helm_finds_nothing_to_say_against_it() -> None:
    report = helm_python.lint(str(CHART))
    assert not [message for message in report["messages"] if message["severity"] > 1], report


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_each_object_is_valid(values: dict[str, Any]) -> None:
    documents = rendered(values)
    assert {"Deployment", "Service"} <= {document["kind"] for document in documents}
    for document in documents:
        if document["kind"] not in CUSTOM_KINDS:
            kubernetes_validate.validate(document, "1.31", strict=True)


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_no_pod_has_a_privilege_or_writes_outside_its_volumes(values: dict[str, Any]) -> None:
    for document in rendered(values):
        if document["kind"] not in ("Deployment", "StatefulSet"):
            continue
        spec = document["spec"]["template"]["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["automountServiceAccountToken"] is False
        [found] = spec["containers"]
        assert found["securityContext"] == {
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        }
        assert found["resources"]["limits"]["memory"]


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_the_services_accept_their_environment(
    values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = rendered(values)
    secret = {"OPENAI_API_KEY": "sk-real", "REDIS_URL": "rediss://store.example:6380/0"}
    names: dict[str, type[ApiSettings | PollerSettings]] = {
        "api": ApiSettings,
        "poller": PollerSettings,
    }
    for name, settings in names.items():
        variables = environment(container(documents, name), secret)
        assert ("OPENAI_API_KEY" in variables) == (name == "poller")
        with monkeypatch.context() as patch:
            for variable, value in variables.items():
                patch.setenv(variable, value)
            read = settings.from_environment()
        if isinstance(read, ApiSettings):
            read.require_protection()
            assert read.root_path == values.get("ingress", {}).get("path", "")
            assert "bb-api.answers.svc" in read.allowed_hosts


def test_no_secret_is_written_into_an_object() -> None:
    assert not [each for each in rendered(EVERYTHING) if each["kind"] == "Secret"]


def test_a_poller_has_time_to_finish_its_post() -> None:
    [pod] = [
        document["spec"]["template"]["spec"]
        for document in rendered({})
        if document["kind"] == "Deployment" and document["metadata"]["name"] == "bb-poller"
    ]
    assert pod["terminationGracePeriodSeconds"] == 75


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"provider": "other"}, "provider"),
        ({"api": {"replica": 3}}, "replica"),
        ({"pollers": {"baseUrl": "api.openai.com"}}, "baseUrl"),
        ({"image": {"digest": "sha256:12"}}, "digest"),
        ({"ingress": {"enabled": True}}, "ingress.host"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(values: dict[str, Any], named: str) -> None:
    with pytest.raises(helm_python.HelmError, match=named):
        rendered(values)
