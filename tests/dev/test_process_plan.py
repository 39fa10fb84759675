"""Which processes a run starts and what each of them may know."""

from pathlib import Path

from dev.process_plan import Process, services
from dev.settings import read_settings

STORE = "redis://:secret@127.0.0.1:7000/0"
SURROUNDINGS = {
    "PATH": "/usr/bin",
    "LC_ALL": "C.UTF-8",
    "AWS_SECRET_ACCESS_KEY": "none of our business",
    "HTTPS_PROXY": "http://proxy:3128",
}


def planned(**environ: str) -> dict[str, Process]:
    settings = read_settings(SURROUNDINGS | environ)
    return {process.name: process for process in services(settings, STORE, 8001)}


def test_a_simulation_starts_the_simulator_first() -> None:
    assert list(planned()) == ["simulator", "poller", "api"]


def test_a_real_run_has_no_simulator() -> None:
    assert list(planned(OPENAI_API_KEY="sk-real")) == ["poller", "api"]


def test_only_the_poller_gets_the_key() -> None:
    holders = {
        name
        for name, process in planned(OPENAI_API_KEY="sk-real").items()
        if "sk-real" in process.env.values()
    }
    assert holders == {"poller"}


def test_a_real_poller_gets_what_the_provider_s_client_reads() -> None:
    real = {
        "OPENAI_API_KEY": "sk-real",
        "OPENAI_BASE_URL": "https://eu.example/v1",
        "OPENAI_ORG_ID": "org-1",
    }
    env = planned(**real)["poller"].env
    assert real.items() <= env.items()
    assert env["HTTPS_PROXY"] == SURROUNDINGS["HTTPS_PROXY"]
    assert "BACKBURNER_POLL_INTERVAL" not in env


def test_a_simulated_poller_reaches_only_the_simulator_and_quickly() -> None:
    env = planned(OPENAI_BASE_URL="https://api.openai.com/v1")["poller"].env
    assert env["OPENAI_BASE_URL"] == "http://127.0.0.1:8001/v1"
    assert env["BACKBURNER_POLL_INTERVAL"] == "2"
    assert "HTTPS_PROXY" not in env


def test_a_key_that_is_set_never_reaches_a_simulation() -> None:
    asked = planned(OPENAI_API_KEY="sk-real", BACKBURNER_PROVIDER="simulator")
    assert all("sk-real" not in process.env.values() for process in asked.values())


def test_the_simulator_accepts_just_the_key_that_the_poller_has() -> None:
    for given in ({}, {"BACKBURNER_SIMULATOR_KEY": "sk-other"}):
        children = planned(**given)
        key = children["simulator"].env["BACKBURNER_SIMULATOR_KEY"]
        assert children["poller"].env["OPENAI_API_KEY"] == key


def test_a_poll_interval_that_is_asked_for_is_kept() -> None:
    assert planned(BACKBURNER_POLL_INTERVAL="5")["poller"].env["BACKBURNER_POLL_INTERVAL"] == "5"


def test_the_simulator_does_not_know_the_store() -> None:
    assert STORE not in planned()["simulator"].env.values()


def test_all_are_told_the_provider_and_its_directory() -> None:
    for process in planned(BACKBURNER_DATA_DIR="/srv/b").values():
        assert process.env["BACKBURNER_PROVIDER"] == "simulator"
        assert process.env["BACKBURNER_DATA_DIR"] == "/srv/b/simulator"


def test_nobody_gets_secrets_of_others() -> None:
    for process in planned().values():
        assert process.env["PATH"] == "/usr/bin"
        assert process.env["LC_ALL"] == "C.UTF-8"
        assert "AWS_SECRET_ACCESS_KEY" not in process.env


def test_no_secret_stands_on_a_command_line_or_is_shown() -> None:
    for process in planned(OPENAI_API_KEY="sk-real").values():
        for secret in ("sk-real", "secret"):
            assert secret not in " ".join(process.argv)
            assert secret not in repr(process)


def test_every_setting_of_ours_goes_to_every_service() -> None:
    for process in planned(BACKBURNER_LOG_FORMAT="json").values():
        assert process.env["BACKBURNER_LOG_FORMAT"] == "json"


def test_the_api_asks_for_tokens_as_soon_as_there_are_any(tmp_path: Path) -> None:
    data = {"BACKBURNER_DATA_DIR": str(tmp_path)}
    assert "BACKBURNER_TOKENS_FILE" not in planned(**data)["api"].env
    (tmp_path / "tokens.toml").touch()
    assert planned(**data)["api"].env["BACKBURNER_TOKENS_FILE"] == str(tmp_path / "tokens.toml")


def test_a_tokens_file_that_is_asked_for_is_told_though_it_is_missing() -> None:
    """So that the API refuses to start, and does not serve everybody."""
    env = planned(BACKBURNER_TOKENS_FILE="/srv/tokens.toml")["api"].env
    assert env["BACKBURNER_TOKENS_FILE"] == "/srv/tokens.toml"
