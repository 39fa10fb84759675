"""docker-compose.yml keeps what it promises; no engine is needed to see that."""

import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from services.api.settings import ApiSettings
from shared.domain.errors import InvalidSetting
from shared.runtime.settings import RENAMED

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ["valkey", "api", "poller", "simulator", "caddy", "prometheus", "grafana"]
OURS = ["api", "poller", "simulator"]
PROFILES = {
    "simulator": ["demo"],
    "caddy": ["tls"],
    "prometheus": ["metrics"],
    "grafana": ["metrics"],
    **dict.fromkeys(["valkey", "api", "poller"]),
}
REAL = {"OPENAI_API_KEY": "sk-real", "OPENAI_BASE_URL": "https://eu.example/v1"}


def seconds(duration: str) -> float:
    return float(duration.removesuffix("s"))


def gigabytes(size: str) -> float:
    return float(size.lower().removesuffix("b").removesuffix("g"))


def test_it_follows_the_compose_specification() -> None:
    check = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec")
    subprocess.run((*check, ROOT / "docker-compose.yml"), check=True)  # noqa: S603 -- our own file


def test_it_has_the_services_of_the_design(compose: Any) -> None:
    assert list(compose({})["services"]) == SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_can_change_nothing_but_its_volume(compose: Any, name: str) -> None:
    service = compose({})["services"][name]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108 -- inside the container
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", ["valkey", *OURS])
def test_nothing_of_ours_runs_as_root(compose: Any, name: str) -> None:
    """Caddy does, without a capability but the one for low ports: its image has no other user."""
    image_user = re.findall(r"^USER (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[-1]
    assert compose({})["services"][name].get("user", image_user) not in {"", "root", "0"}


def test_one_image_is_built_once_for_all_services_of_ours(compose: Any) -> None:
    services = compose({})["services"]
    assert [name for name in SERVICES if "build" in services[name]] == ["api"]
    assert len({services[name]["image"] for name in OURS}) == 1


def test_no_capability_is_added_but_the_one_for_low_ports(compose: Any) -> None:
    added = {name: s["cap_add"] for name, s in compose({})["services"].items() if "cap_add" in s}
    assert added == {"caddy": ["NET_BIND_SERVICE"]}


@pytest.mark.parametrize("name", SERVICES)
def test_each_is_watched_and_comes_back(compose: Any, name: str) -> None:
    service = compose({})["services"][name]
    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_memory_and_processes_are_bounded(compose: Any, name: str) -> None:
    service = compose({})["services"][name]
    assert gigabytes(str(service["mem_limit"])) <= 3
    assert int(service["pids_limit"]) <= 200


def test_the_store_refuses_writes_before_its_container_runs_out_of_memory(compose: Any) -> None:
    valkey = compose({})["services"]["valkey"]
    command = valkey["command"]
    maximum = gigabytes(command[command.index("--maxmemory") + 1])
    assert 0 < maximum <= gigabytes(str(valkey["mem_limit"])) / 2


@pytest.mark.parametrize("name", SERVICES)
def test_logs_are_bounded(compose: Any, name: str) -> None:
    assert compose({})["services"][name]["logging"] == {"driver": "local"}


def test_any_service_can_be_scaled(compose: Any) -> None:
    assert not any("container_name" in service for service in compose({})["services"].values())


def test_only_the_page_is_published_and_only_on_loopback(compose: Any) -> None:
    published = {
        name: service["ports"]
        for name, service in compose({"BACKBURNER_PORT": "9000"})["services"].items()
        if "ports" in service
    }
    assert published == {
        "api": ["127.0.0.1:9000:8000"],
        "caddy": ["127.0.0.1:80:80", "127.0.0.1:443:443"],
        "prometheus": ["127.0.0.1:9090:9090"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


@pytest.mark.parametrize(
    "variables",
    [
        {"TLS_NAME": "answers.example"},
        {"TLS_HOST": "0.0.0.0"},  # noqa: S104 -- refused
        {"TLS_HOST": "0.0.0.0", "TLS_NAME": "answers.example"},  # noqa: S104 -- refused
        {"TLS_NAME": "answers.example", "BACKBURNER_ALLOWED_HOSTS": "api,answers.example"},
    ],
)
def test_a_proxy_that_others_reach_requires_tokens(compose: Any, variables: dict[str, str]) -> None:
    environment = compose(variables)["services"]["api"]["environment"]
    settings = ApiSettings(
        host=environment["BACKBURNER_HOST"],
        public_host=environment["BACKBURNER_PUBLIC_HOST"],
        allowed_hosts=environment["BACKBURNER_ALLOWED_HOSTS"],
    )
    with pytest.raises(InvalidSetting, match="BACKBURNER_ALLOWED_HOSTS"):
        settings.require_protection()
    assert settings.allowed_hosts >= {variables.get("TLS_NAME", "0.0.0.0")}  # noqa: S104 -- a name, not bound


def test_what_is_published_beyond_loopback_is_known_to_the_api(compose: Any) -> None:
    """So that it refuses to start without tokens."""
    for variables in ({}, {"BACKBURNER_HOST": "0.0.0.0"}):  # noqa: S104 -- refused
        api = compose(variables)["services"]["api"]
        (published,) = api["ports"]
        environment = api["environment"]
        assert published.startswith(f"{environment['BACKBURNER_PUBLIC_HOST']}:")
        settings = ApiSettings(
            host=environment["BACKBURNER_HOST"],
            public_host=environment["BACKBURNER_PUBLIC_HOST"],
        )
        with pytest.raises(InvalidSetting) if variables else nullcontext():
            settings.require_protection()


def test_only_who_needs_the_store_reaches_it(compose: Any) -> None:
    file = compose({})
    assert file["networks"]["store"] == {"internal": True}
    on_it = {name for name, s in file["services"].items() if "store" in s["networks"]}
    assert on_it == {"valkey", "api", "poller"}
    assert file["services"]["valkey"]["networks"] == ["store"]


def test_the_store_is_durable_and_never_evicts(compose: Any) -> None:
    valkey = compose({})["services"]["valkey"]
    command = valkey["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "always"
    assert options["--maxmemory-policy"] == "noeviction"
    assert valkey["volumes"] == ["valkey:/data"]


@pytest.mark.parametrize("name", SERVICES)
def test_images_have_a_version(compose: Any, name: str) -> None:
    image = compose({})["services"][name]["image"]
    assert image.partition(":")[2].removeprefix("v")[0].isdigit()


def test_every_file_that_a_service_mounts_exists(compose: Any) -> None:
    volumes = [v for s in compose({})["services"].values() for v in s.get("volumes", [])]
    files = [v.partition(":")[0] for v in volumes if v.startswith("./")]
    assert len(files) > 5
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_no_secret_stands_in_the_file(compose: Any) -> None:
    assert "sk-" not in (ROOT / "docker-compose.yml").read_text()
    assert compose({})["services"]["poller"]["environment"]["OPENAI_API_KEY"] == ""


@pytest.mark.parametrize("name", sorted({*SERVICES} - {"poller"}))
def test_the_key_goes_to_the_poller_alone(compose: Any, name: str) -> None:
    services = compose(REAL)["services"]
    assert services["poller"]["environment"]["OPENAI_API_KEY"] == "sk-real"
    assert "sk-real" not in str(services[name])


def test_a_poller_has_time_to_drain(compose: Any) -> None:
    assert seconds(compose({})["services"]["poller"]["stop_grace_period"]) > 60


def test_the_store_stops_last(compose: Any) -> None:
    services = compose({})["services"]
    for name in ("api", "poller"):
        assert services[name]["depends_on"]["valkey"] == {"condition": "service_healthy"}


def test_the_simulator_is_there_only_in_the_demo(compose: Any, demo: dict[str, str]) -> None:
    profiles = {name: s.get("profiles") for name, s in compose(demo)["services"].items()}
    assert profiles == PROFILES
    assert demo["COMPOSE_PROFILES"] == "demo"


def test_the_demo_pays_nothing_even_in_a_shell_with_a_real_key(
    compose: Any, demo: dict[str, str]
) -> None:
    services = compose(demo | REAL)["services"]
    assert services["poller"]["environment"]["OPENAI_BASE_URL"] == "http://simulator:8001/v1"
    assert "sk-real" not in str(services)
    for name in OURS:
        assert services[name]["environment"]["BACKBURNER_PROVIDER"] == "simulator"


def test_the_demo_has_volumes_of_its_own(compose: Any, demo: dict[str, str]) -> None:
    """Volumes are named after the project unless they have names of their own."""
    file = compose(demo)
    assert demo["COMPOSE_PROJECT_NAME"] != file["name"]
    assert set(file["volumes"].values()) == {None}


@pytest.mark.integration
def test_the_profile_without_its_settings_starts_no_poller(compose: Any) -> None:
    """Whoever expects made-up answers must not pay for real ones."""
    services = compose(REAL)["services"]
    assert services["poller"]["depends_on"]["simulator"]["condition"] == "service_healthy"
    refused = subprocess.run(  # noqa: S603 -- our own file's command
        services["simulator"]["command"],
        env={"BACKBURNER_PROVIDER": services["simulator"]["environment"]["BACKBURNER_PROVIDER"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "docker compose --env-file demo.env up" in refused.stderr


def test_every_variable_is_one_that_env_example_explains(
    compose: Any, demo: dict[str, str], examples: set[str]
) -> None:
    for variables in ({}, demo):
        for name in OURS:
            passed = set(compose(variables)["services"][name]["environment"])
            assert passed <= examples | set(RENAMED)


@pytest.mark.parametrize("name", ["api", "poller"])
def test_a_former_name_of_a_setting_reaches_the_process_that_refuses_it(
    compose: Any, name: str
) -> None:
    assert set(RENAMED) <= set(compose({})["services"][name]["environment"])
