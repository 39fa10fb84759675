"""Settings come from the environment; a wrong one is named and its value is not shown."""

from base64 import urlsafe_b64encode

import pytest

from services.api.settings import ApiSettings
from services.poller.settings import PollerSettings
from shared.domain.errors import InvalidSetting
from shared.runtime.settings import RENAMED, SharedSettings


def test_the_defaults_are_those_of_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDIS_URL", "BACKBURNER_PROVIDER", "BACKBURNER_LOG_FORMAT"):
        monkeypatch.setenv(name, "")
    settings = SharedSettings.from_environment()
    assert settings.redis_url.get_secret_value() == "redis://127.0.0.1:6379/0"
    assert (settings.provider, settings.log_format, settings.allow_unsafe_store) == (
        "openai",
        "text",
        False,
    )


@pytest.mark.parametrize(
    "name", ["BACKBURNER_PROVIDER", "BACKBURNER_LOG_FORMAT", "BACKBURNER_ALLOW_UNSAFE_STORE"]
)
def test_a_wrong_value_names_its_variable_and_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "s3cret")
    with pytest.raises(InvalidSetting) as refused:
        SharedSettings.from_environment()
    assert refused.value.message.startswith(f"{name}: ")
    assert "s3cret" not in refused.value.message


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_a_former_name_that_is_still_set_is_refused_with_the_present_one(
    monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    monkeypatch.setenv(old, "7")
    with pytest.raises(InvalidSetting) as refused:
        SharedSettings.from_environment()
    assert refused.value.message == f"{old} is now called {new}. Rename it."


def test_the_address_of_the_store_is_kept_out_of_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:s3cret@host/0")
    assert "s3cret" not in repr(SharedSettings.from_environment())


@pytest.mark.parametrize(
    ("url", "asked", "floor"),
    [
        ("redis://host/0", "", 0),
        ("redis://host/0", "2", 2),
        ("redis+sentinel://host/answers/0", "", 1),
        ("redis+sentinel://host/answers/0", "0", 0),
    ],
)
def test_behind_sentinels_one_replica_must_confirm_unless_set_otherwise(
    monkeypatch: pytest.MonkeyPatch, url: str, asked: str, floor: int
) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    monkeypatch.setenv("BACKBURNER_MIN_REPLICAS", asked)
    assert SharedSettings.from_environment().replica_floor == floor


@pytest.mark.parametrize("settings", [ApiSettings, PollerSettings])
def test_webhooks_may_be_sent_where_the_operator_says(
    settings: type[SharedSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("BACKBURNER_WEBHOOK_ALLOW", "hooks.internal, 10.0.0.0/8,::1")
    policy = settings.from_environment().webhook_policy
    assert policy.hosts == {"hooks.internal"}
    assert [str(network) for network in policy.networks] == ["10.0.0.0/8", "::1/128"]
    monkeypatch.setenv("BACKBURNER_WEBHOOK_ALLOW", "10.0.0.1/8")
    with pytest.raises(InvalidSetting, match=r"BACKBURNER_WEBHOOK_ALLOW: '10.0.0.1/8' is neither"):
        settings.from_environment()


def test_a_webhook_key_is_32_bytes_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [urlsafe_b64encode(bytes([each]) * 32).decode() for each in (1, 2)]
    monkeypatch.setenv("BACKBURNER_WEBHOOK_KEY", ", ".join(keys))
    assert ApiSettings.from_environment().webhook_keys == tuple(keys)
    for wrong in ("c2hvcnQ=", "not base64!"):
        monkeypatch.setenv("BACKBURNER_WEBHOOK_KEY", wrong)
        with pytest.raises(InvalidSetting, match="BACKBURNER_WEBHOOK_KEY: must be") as error:
            ApiSettings.from_environment()
        assert wrong not in error.value.message
