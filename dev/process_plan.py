"""Decides which processes run and with which environment. Pure."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dev.settings import ROOT, Settings

SIMULATOR_KEY = "sk-simulator"
SIMULATOR_POLL_INTERVAL = "2"
SYSTEM_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
SYSTEM_PREFIXES = ("LC_", "PYTHON", "BACKBURNER_")  # BACKBURNER_ settings hold no secrets
PROVIDER_VARIABLES = (
    *("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"),
    *("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("https_proxy", "http_proxy", "all_proxy", "no_proxy"),
)


@dataclass(frozen=True)
class Process:
    """A process to start. ``grace`` is the seconds between SIGTERM and SIGKILL."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    grace: float
    directory: Path = ROOT
    stdin: bytes = field(default=b"", repr=False)
    log: Path | None = None
    """Its log file, if it does not log to its output."""


def services(settings: Settings, redis_url: str, simulator_port: int) -> list[Process]:
    """Return the services in start order. They stop in reverse, so that the poller can drain."""
    given = settings.environment
    simulated = settings.provider == "simulator"
    common = system_environment(given) | {
        "BACKBURNER_PROVIDER": settings.provider,
        "BACKBURNER_DATA_DIR": str(settings.directory),
    }
    otel = {name: value for name, value in given.items() if name.startswith("OTEL_")}
    store = {"REDIS_URL": redis_url, **otel}
    key = given.get("BACKBURNER_SIMULATOR_KEY") or SIMULATOR_KEY
    provider = {name: given[name] for name in PROVIDER_VARIABLES if name in given}
    if simulated:  # without the proxy variables: the simulator is on this machine
        provider = {
            "OPENAI_API_KEY": key,
            "OPENAI_BASE_URL": f"http://127.0.0.1:{simulator_port}/v1",
            "BACKBURNER_POLL_INTERVAL": given.get("BACKBURNER_POLL_INTERVAL")
            or SIMULATOR_POLL_INTERVAL,
        }
    simulator = {
        "BACKBURNER_SIMULATOR_PORT": str(simulator_port),
        "BACKBURNER_SIMULATOR_KEY": key,
    }
    address = {"BACKBURNER_HOST": settings.host, "BACKBURNER_PORT": str(settings.port)}
    if settings.tokens.exists():
        address["BACKBURNER_TOKENS_FILE"] = str(settings.tokens)
    webhooks = {name: given[name] for name in ("OPENAI_WEBHOOK_SECRET",) if name in given}
    started = [
        # More than it needs to drain: a kill during a POST would leave a task unconfirmed.
        _service("poller", common | store | provider, grace=60),
        _service("api", common | store | address | webhooks, grace=5),
    ]
    if simulated:
        started.insert(0, _service("simulator", common | webhooks | simulator, grace=5))
    return started


def system_environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that any process needs and the BACKBURNER_ ones; no secrets."""
    kept = {
        name: value
        for name, value in given.items()
        if name in SYSTEM_VARIABLES or name.startswith(SYSTEM_PREFIXES)
    }
    return kept | {"PYTHONUNBUFFERED": "1"}


def _service(name: str, env: Mapping[str, str], grace: float) -> Process:
    return Process(name, (sys.executable, "-m", f"services.{name}"), env, grace)
