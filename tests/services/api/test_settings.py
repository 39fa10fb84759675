"""The settings are read from the environment, and a bad one is named without its value."""

import pytest

from services.api.settings import ApiSettings
from shared.errors import SettingUnusable


def test_the_defaults_listen_on_loopback_for_openai() -> None:
    settings = ApiSettings.from_environment()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.provider == "openai"
    assert settings.allowed_hosts == frozenset()
    assert settings.max_open_tasks == 1000
    assert settings.daily_budget is None
    assert not settings.unsafe_store


def test_allowed_hosts_are_names_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBURNER_ALLOWED_HOSTS", " Backburner.Example,, other.example ,")
    settings = ApiSettings.from_environment()
    assert settings.allowed_hosts == {"backburner.example", "other.example"}


@pytest.mark.parametrize(
    ("dollars", "micro"), [("2.5", 2_500_000), ("0.000001", 1), ("1.1", 1_100_000), ("", None)]
)
def test_the_budget_is_kept_in_whole_micro_dollars(
    dollars: str, micro: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKBURNER_DAILY_BUDGET_USD", dollars)
    assert ApiSettings.from_environment().daily_budget == micro


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKBURNER_PORT", "eighty-eighty"),
        ("BACKBURNER_PORT", "65536"),
        ("BACKBURNER_MAX_OPEN_TASKS", "0"),
        ("BACKBURNER_DAILY_BUDGET_USD", "-12345"),
        ("BACKBURNER_DAILY_BUDGET_USD", "0.0000001"),  # would round to no budget at all
        ("BACKBURNER_DAILY_BUDGET_USD", "1e30"),
        ("BACKBURNER_DAILY_BUDGET_USD", "Infinity"),
        ("BACKBURNER_PROVIDER", "elsewhere"),
        ("BACKBURNER_LOG_FORMAT", "elsewhere"),
        ("BACKBURNER_UNSAFE_STORE", "elsewhere"),
    ],
)
def test_a_bad_value_names_its_variable_and_hides_itself(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingUnusable) as refusal:
        ApiSettings.from_environment()
    assert refusal.value.sentence.startswith(f"{name}: ")
    assert value not in refusal.value.sentence


def test_the_providers_key_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("REDIS_URL", "redis://:password@127.0.0.1/0")
    settings = ApiSettings.from_environment()
    assert not any("key" in name for name in ApiSettings.model_fields)
    assert "sk-secret" not in str(settings.model_dump())
    assert "password" not in repr(settings)
