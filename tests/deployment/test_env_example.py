""".env.example explains every setting there is, and changes nothing until it is edited."""

from itertools import pairwise
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import AliasChoices
from pydantic_settings import BaseSettings

from services.api.settings import ApiSettings
from services.poller.settings import PollerSettings
from services.simulator.settings import Settings as SimulatorSettings

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"
OF_MAKE_RUN = {"BACKBURNER_DATA_DIR"}


def names(settings: type[BaseSettings]) -> set[str]:
    """The environment variables that a settings class reads."""
    prefix = settings.model_config.get("env_prefix", "")
    found = set()
    for name, field in settings.model_fields.items():
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
        found.add(next((str(c) for c in choices if c), f"{prefix}{name.upper()}"))
    return found


@pytest.mark.parametrize("settings", [ApiSettings, PollerSettings, SimulatorSettings])
def test_every_setting_of_a_service_is_explained(
    settings: type[BaseSettings], examples: set[str]
) -> None:
    assert names(settings) <= examples


def test_nothing_is_explained_that_does_not_exist(examples: set[str]) -> None:
    known = names(ApiSettings) | names(PollerSettings) | names(SimulatorSettings) | OF_MAKE_RUN
    assert examples <= known


def test_a_copy_of_it_changes_nothing() -> None:
    assert dotenv_values(EXAMPLE) == {}


def test_each_setting_has_its_line_of_explanation() -> None:
    lines = EXAMPLE.read_text().splitlines()
    for above, line in pairwise(lines):
        if line.startswith("#") and "=" in line and " " not in line:
            assert above.startswith("#"), line
