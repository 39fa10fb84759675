"""Settings come from the environment; a wrong one is named and its value is not shown."""

import pytest

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
