"""Which processes a run starts, and what each of them may know."""

from pathlib import Path

import pytest

from dev.process_plan import Process, services
from dev.settings import read_settings

REDIS_URL = "redis://:secret@127.0.0.1:7000/0"
SHELL = {
    "PATH": "/usr/bin",
    "LC_ALL": "C.UTF-8",
    "AWS_SECRET_ACCESS_KEY": "not for Backburner",
    "HTTPS_PROXY": "http://proxy:3128",
}


def planned(**environ: str) -> dict[str, Process]:
    settings = read_settings(SHELL | environ)
    return {process.name: process for process in services(settings, REDIS_URL, 8001)}


@pytest.mark.parametrize(
    ("environ", "names"),
    [({}, ["simulator", "poller", "api"]), ({"OPENAI_API_KEY": "sk-real"}, ["poller", "api"])],
)
def test_a_simulation_starts_the_simulator_first_and_a_real_run_has_none(
    environ: dict[str, str], names: list[str]
) -> None:
    assert list(planned(**environ)) == names


@pytest.mark.parametrize(("asked", "holders"), [("", {"poller"}), ("simulator", set())])
def test_only_the_poller_of_a_real_run_gets_the_key(asked: str, holders: set[str]) -> None:
    plan = planned(OPENAI_API_KEY="sk-real", BACKBURNER_PROVIDER=asked)
    assert {name for name, process in plan.items() if "sk-real" in str(process.env)} == holders


def test_a_real_poller_gets_all_variables_of_the_openai_client() -> None:
    real = {
        "OPENAI_API_KEY": "sk-real",
        "OPENAI_BASE_URL": "https://eu.example/v1",
        "OPENAI_ORG_ID": "org-1",
    }
    env = planned(**real)["poller"].env
    assert (real | {"HTTPS_PROXY": SHELL["HTTPS_PROXY"]}).items() <= env.items()
    assert "BACKBURNER_POLL_INTERVAL" not in env


def test_a_simulated_poller_reaches_only_the_simulator_and_polls_often() -> None:
    env = planned(OPENAI_BASE_URL="https://api.openai.com/v1")["poller"].env
    assert env["OPENAI_BASE_URL"] == "http://127.0.0.1:8001/v1"
    assert env["BACKBURNER_POLL_INTERVAL"] == "2"
    assert "HTTPS_PROXY" not in env
    assert planned(BACKBURNER_POLL_INTERVAL="5")["poller"].env["BACKBURNER_POLL_INTERVAL"] == "5"


@pytest.mark.parametrize("given", [{}, {"BACKBURNER_SIMULATOR_KEY": "sk-other"}])
def test_the_simulator_accepts_the_key_of_the_poller(given: dict[str, str]) -> None:
    plan = planned(**given)
    key = plan["simulator"].env["BACKBURNER_SIMULATOR_KEY"]
    assert plan["poller"].env["OPENAI_API_KEY"] == key


def test_each_process_gets_our_settings_and_only_the_secrets_that_it_needs() -> None:
    plan = planned(BACKBURNER_DATA_DIR="/srv/b", BACKBURNER_LOG_FORMAT="json")
    common = {
        "PATH": "/usr/bin",
        "LC_ALL": "C.UTF-8",
        "BACKBURNER_LOG_FORMAT": "json",
        "BACKBURNER_PROVIDER": "simulator",
        "BACKBURNER_DATA_DIR": "/srv/b/simulator",
    }
    for process in plan.values():
        assert common.items() <= process.env.items()
        assert "AWS_SECRET_ACCESS_KEY" not in process.env
    assert REDIS_URL not in plan["simulator"].env.values()


def test_no_secret_is_on_a_command_line_or_shown() -> None:
    for process in planned(OPENAI_API_KEY="sk-real").values():
        for secret in ("sk-real", "secret"):
            assert secret not in " ".join(process.argv)
            assert secret not in repr(process)


def test_the_api_requires_tokens_once_the_file_exists_or_is_set(tmp_path: Path) -> None:
    """A file that is set but missing goes to the API, too: it then refuses to start."""
    data = {"BACKBURNER_DATA_DIR": str(tmp_path)}
    assert "BACKBURNER_TOKENS_FILE" not in planned(**data)["api"].env
    (tmp_path / "tokens.toml").touch()
    assert planned(**data)["api"].env["BACKBURNER_TOKENS_FILE"] == str(tmp_path / "tokens.toml")
    env = planned(BACKBURNER_TOKENS_FILE="/srv/tokens.toml")["api"].env
    assert env["BACKBURNER_TOKENS_FILE"] == "/srv/tokens.toml"
