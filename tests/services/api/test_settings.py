"""The settings are read from the environment, and a bad one is named without its value."""

import pytest

from services.api.settings import ApiSettings
from shared.domain.errors import InvalidSetting


def test_the_defaults_listen_on_loopback_for_openai() -> None:
    settings = ApiSettings.from_environment()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.provider == "openai"
    assert settings.allowed_hosts == frozenset()
    assert settings.max_open_tasks == settings.max_event_subscribers == 1000
    assert settings.daily_budget is None
    assert not settings.allow_unsafe_store


def test_allowed_hosts_are_names_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBURNER_ALLOWED_HOSTS", " Backburner.Example,, other.example ,")
    settings = ApiSettings.from_environment()
    assert settings.allowed_hosts == {"backburner.example", "other.example"}


@pytest.mark.parametrize(
    ("given", "path"), [("/a", "/a"), ("/a/b.c/", "/a/b.c"), ("/", ""), ("", "")]
)
def test_a_root_path_has_no_slash_at_its_end(
    given: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKBURNER_ROOT_PATH", given)
    assert ApiSettings.from_environment().root_path == path


@pytest.mark.parametrize(
    ("dollars", "micro"), [("2.5", 2_500_000), ("0.000001", 1), ("1.1", 1_100_000), ("", None)]
)
def test_budget_is_micros(dollars: str, micro: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBURNER_DAILY_BUDGET_USD", dollars)
    assert ApiSettings.from_environment().daily_budget == micro


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKBURNER_PORT", "eighty-eighty"),
        ("BACKBURNER_PORT", "65536"),
        ("BACKBURNER_MAX_OPEN_TASKS", "0"),
        ("BACKBURNER_MAX_EVENT_SUBSCRIBERS", "0"),
        ("BACKBURNER_DAILY_BUDGET_USD", "-12345"),
        ("BACKBURNER_DAILY_BUDGET_USD", "0.0000001"),  # would round to no budget at all
        ("BACKBURNER_DAILY_BUDGET_USD", "1e30"),
        ("BACKBURNER_DAILY_BUDGET_USD", "Infinity"),
        ("BACKBURNER_PROVIDER", "elsewhere"),
        ("BACKBURNER_LOG_FORMAT", "elsewhere"),
        ("BACKBURNER_ALLOW_UNSAFE_STORE", "elsewhere"),
        ("BACKBURNER_ROOT_PATH", "no-slash"),
        ("BACKBURNER_ROOT_PATH", "//other.example"),
        ("BACKBURNER_ROOT_PATH", "/a/../b"),
        ("BACKBURNER_ROOT_PATH", "https://answers.example/backburner"),
        ("BACKBURNER_ROOT_PATH", "/a?b"),
        ("OPENAI_WEBHOOK_SECRET", "whsec_="),
        ("OPENAI_WEBHOOK_SECRET", "not base64, however long it may be"),
        ("OPENAI_WEBHOOK_SECRET", "whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM="),  # 23 bytes
    ],
)
def test_a_bad_value_is_not_shown(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSetting) as refusal:
        ApiSettings.from_environment()
    assert refusal.value.message.startswith(f"{name}: ")
    assert value not in refusal.value.message


def test_the_providers_key_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("REDIS_URL", "redis://:password@127.0.0.1/0")
    settings = ApiSettings.from_environment()
    assert not any("api_key" in name for name in ApiSettings.model_fields)
    assert "sk-secret" not in str(settings.model_dump())
    assert "password" not in repr(settings)


EXPOSED: list[dict[str, str]] = [
    {"host": "0.0.0.0"},  # noqa: S104 -- what must not be done
    {"host": "::"},
    {"host": "192.168.1.2"},
    {"host": "backburner.example"},
    {"host": "localhost.example"},
    {"allowed_hosts": "backburner.example"},
    {"host": "127.0.0.1", "public_host": "0.0.0.0"},  # noqa: S104 -- as above
]


@pytest.mark.parametrize("settings", EXPOSED, ids=str)
def test_beyond_loopback_it_needs_tokens_or_an_override(settings: dict[str, str]) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        ApiSettings(**settings).require_protection()  # type: ignore[arg-type] -- as text, like the environment
    for remedy in ("BACKBURNER_TOKENS_FILE", "BACKBURNER_ALLOW_UNAUTHENTICATED"):
        assert remedy in refusal.value.message
    for more in ({"tokens_file": "tokens.toml"}, {"allow_unauthenticated": "true"}):
        ApiSettings(**settings, **more).require_protection()  # type: ignore[arg-type] -- as above


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_loopback_needs_no_tokens(host: str) -> None:
    ApiSettings(host=host).require_protection()
    ApiSettings(host="0.0.0.0", public_host=host).require_protection()  # noqa: S104 -- in a container
