"""One version everywhere: services, client, image, chart and changelog."""

import re

import pytest

from backburner.version import VERSION as OF_CLIENT
from shared.version import VERSION
from tests.harness import ROOT

PLACES = {
    "pyproject.toml": r'^version = "(.+)"$',
    "clients/pyproject.toml": r'^version = "(.+)"$',
    "Dockerfile": r"^ARG VERSION=(.+)$",
    "docker-compose.yml": r"image: \$\{BACKBURNER_IMAGE:-backburner:(.+)\}",
    "ops/helm/backburner/Chart.yaml": r"^appVersion: (.+)$",
}


@pytest.mark.parametrize("path", PLACES)
def test_every_file_names_the_version_of_the_services(path: str) -> None:
    assert re.findall(PLACES[path], (ROOT / path).read_text(), re.MULTILINE) == [VERSION]


def test_the_changelog_has_a_dated_section_of_it_with_a_paragraph_on_upgrading() -> None:
    first, second = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[:2]
    assert first == "Unreleased"
    assert re.fullmatch(rf"{re.escape(VERSION)} - \d{{4}}-\d\d-\d\d", second)
    section = (ROOT / "CHANGELOG.md").read_text().partition(f"## {second}\n")[2]
    assert section.lstrip().startswith("**Upgrading.**")


def test_the_client_has_the_version_of_the_services() -> None:
    assert OF_CLIENT == VERSION
