"""What a run is asked to do, and what is refused in one sentence."""

import pytest

from dev.settings import ROOT, read_settings
from shared.domain.errors import InvalidSetting


def test_without_a_key_the_run_is_a_simulation_with_data_of_its_own() -> None:
    settings = read_settings({})
    assert settings.provider == "simulator"
    assert settings.directory == ROOT / "data" / "simulator"


def test_with_a_key_the_run_is_real_with_data_of_its_own() -> None:
    settings = read_settings({"OPENAI_API_KEY": "sk-real"})
    assert settings.provider == "openai"
    assert settings.directory == ROOT / "data" / "openai"


def test_another_data_directory_still_keeps_the_providers_apart() -> None:
    directories = {
        read_settings({"BACKBURNER_DATA_DIR": "/srv/b", **more}).directory.as_posix()
        for more in ({}, {"OPENAI_API_KEY": "sk-real"})
    }
    assert directories == {"/srv/b/simulator", "/srv/b/openai"}


def test_a_person_with_a_key_can_ask_for_the_simulator() -> None:
    environ = {"OPENAI_API_KEY": "sk-real", "BACKBURNER_PROVIDER": "simulator"}
    assert read_settings(environ).provider == "simulator"


def test_openai_without_a_key_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="OPENAI_API_KEY"):
        read_settings({"BACKBURNER_PROVIDER": "openai"})


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="BACKBURNER_PROVIDER"):
        read_settings({"BACKBURNER_PROVIDER": "opneai"})


@pytest.mark.parametrize("key", ["", " ", "sk-a b", "sk-ab\n", "sk-ab\x00", "sk-äb"])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        read_settings({"OPENAI_API_KEY": key})
    sentence = refusal.value.message
    assert sentence.startswith("OPENAI_API_KEY is blank or holds")
    assert "\n" not in sentence
    assert not key.strip() or key.strip() not in sentence


@pytest.mark.parametrize("name", ["BACKBURNER_PORT", "BACKBURNER_SIMULATOR_PORT"])
@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80 ", "²"])
def test_a_port_that_is_none_is_refused_by_its_setting(name: str, port: str) -> None:
    with pytest.raises(InvalidSetting, match=name):
        read_settings({name: port})


def test_a_blank_setting_counts_as_unset() -> None:
    blank = dict.fromkeys(
        ("BACKBURNER_PROVIDER", "BACKBURNER_PORT", "BACKBURNER_DATA_DIR", "REDIS_URL"), ""
    )
    asked, default = read_settings(blank), read_settings({})
    assert (asked.port, asked.directory) == (default.port, default.directory)
    assert asked.redis_url is None


def test_only_a_real_run_on_a_server_of_ones_own_writes_nothing_here() -> None:
    url = {"REDIS_URL": "redis://127.0.0.1/0"}
    assert read_settings(url).keeps_data
    assert not read_settings(url | {"OPENAI_API_KEY": "sk-real"}).keeps_data


def test_settings_show_no_secret() -> None:
    shown = repr(read_settings({"OPENAI_API_KEY": "sk-real", "REDIS_URL": "redis://:pw@h/0"}))
    assert "sk-real" not in shown
    assert "pw" not in shown


def test_a_former_name_in_the_env_file_ends_the_run() -> None:
    with pytest.raises(InvalidSetting, match="BACKBURNER_CONCURRENCY"):
        read_settings({"BACKBURNER_MAX_JOBS": "7"})
