"""The poller's settings are bounded, and the key is never shown."""

import pytest

from services.poller.decisions.poll_policy import PollPolicy
from services.poller.settings import PollerSettings
from shared.domain.errors import InvalidSetting

KEY = "sk-s3cret"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_API_KEY", ""),
        ("OPENAI_API_KEY", "sk-s3cret\nsk-other"),
        ("OPENAI_API_KEY", "sk-s3cr\u00e9t"),
        ("OPENAI_BASE_URL", "api.s3cr.test/v1"),
        ("OPENAI_BASE_URL", "ftp://s3cr.test/v1"),
        ("OPENAI_BASE_URL", "http://s3cr.test:99999"),
        ("OPENAI_BASE_URL", "https:///s3cr"),
        ("OPENAI_BASE_URL", "https://api.test/v1?s3cr"),
        ("BACKBURNER_POLL_INTERVAL", "0"),
        ("BACKBURNER_POLL_INTERVAL", "s3cret"),
        ("BACKBURNER_DEADLINE", "inf"),
        ("BACKBURNER_DEADLINE", "nan"),
        ("BACKBURNER_DEADLINE", "-1"),
        ("BACKBURNER_SUBMIT_TIMEOUT", "60"),
        ("BACKBURNER_CONCURRENCY", "0"),
        ("BACKBURNER_RETENTION_DAYS", "0"),
        ("BACKBURNER_RETENTION_DAYS", "inf"),
    ],
)
def test_an_invalid_setting_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSetting) as refused:
        PollerSettings.from_environment()
    assert refused.value.message.startswith(f"{name}: ")
    assert "s3cr" not in refused.value.message


def test_the_defaults_poll_every_61_seconds_and_hide_the_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("BACKBURNER_POLL_INTERVAL", raising=False)
    settings = PollerSettings.from_environment()
    assert settings.poll_interval == 61
    assert KEY not in repr(settings)


def test_a_poll_ends_before_it_counts_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    settings = PollerSettings.from_environment()
    assert (
        settings.poll_timeout * 1000
        < PollPolicy(round(settings.poll_interval * 1000), 1).stale_after_ms
    )
