"""The settings of a run, and the errors that end it in one sentence."""

import pytest

from dev.settings import ROOT, read_settings
from shared.domain.errors import InvalidSetting


@pytest.mark.parametrize(
    ("environ", "provider", "directory"),
    [
        ({}, "simulator", f"{ROOT}/data/simulator"),
        ({"OPENAI_API_KEY": "sk-real"}, "openai", f"{ROOT}/data/openai"),
        ({"BACKBURNER_DATA_DIR": "/srv/b"}, "simulator", "/srv/b/simulator"),
        (
            {"OPENAI_API_KEY": "sk-real", "BACKBURNER_PROVIDER": "simulator"},
            "simulator",
            f"{ROOT}/data/simulator",
        ),
    ],
)
def test_the_key_decides_the_provider_unless_one_is_set_and_each_has_its_own_data(
    environ: dict[str, str], provider: str, directory: str
) -> None:
    settings = read_settings(environ)
    assert (settings.provider, str(settings.directory)) == (provider, directory)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"BACKBURNER_PROVIDER": "openai"}, "OPENAI_API_KEY"),
        ({"BACKBURNER_PROVIDER": "opneai"}, "BACKBURNER_PROVIDER"),
        ({"BACKBURNER_MAX_JOBS": "7"}, "BACKBURNER_CONCURRENCY"),
        ({"BACKBURNER_DATA_DIR": "caf\udce9"}, "caf\\\\xe9 is not valid UTF-8"),
        *(
            ({name: port}, name)
            for name in ("BACKBURNER_PORT", "BACKBURNER_SIMULATOR_PORT")
            for port in ("0", "65536", "http", "-1", "80 ", "²")
        ),
    ],
)
def test_an_invalid_setting_is_refused_by_its_name(environ: dict[str, str], named: str) -> None:
    with pytest.raises(InvalidSetting, match=named):
        read_settings(environ)


@pytest.mark.parametrize("key", ["", " ", "sk-a b", "sk-ab\n", "sk-ab\x00", "sk-äb"])
def test_an_invalid_key_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        read_settings({"OPENAI_API_KEY": key})
    sentence = refusal.value.message
    assert sentence.startswith("OPENAI_API_KEY is empty or contains")
    assert "\n" not in sentence
    assert not key.strip() or key.strip() not in sentence


def test_an_empty_setting_counts_as_unset() -> None:
    empty = dict.fromkeys(
        ("BACKBURNER_PROVIDER", "BACKBURNER_PORT", "BACKBURNER_DATA_DIR", "REDIS_URL"), ""
    )
    asked, default = read_settings(empty), read_settings({})
    assert (asked.port, asked.directory) == (default.port, default.directory)
    assert asked.redis_url is None


def test_only_a_real_run_on_another_server_writes_nothing_here() -> None:
    url = {"REDIS_URL": "redis://127.0.0.1/0"}
    assert read_settings(url).keeps_data
    assert not read_settings(url | {"OPENAI_API_KEY": "sk-real"}).keeps_data


def test_settings_show_no_secret() -> None:
    shown = repr(read_settings({"OPENAI_API_KEY": "sk-real", "REDIS_URL": "redis://:pw@h/0"}))
    assert "sk-real" not in shown
    assert "pw" not in shown
