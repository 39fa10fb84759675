"""Which processes a run consists of and what each is told: a pure function of the settings."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dev.settings import ROOT, Settings

SIMULATOR_KEY = "sk-simulator"
SIMULATOR_POLL_INTERVAL = "2"
SYSTEM = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
SYSTEM_PREFIXES = ("LC_", "PYTHON", "BACKBURNER_")  # our own settings hold no secret
PROVIDER = (
    *("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"),
    *("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("https_proxy", "http_proxy", "all_proxy", "no_proxy"),
)


@dataclass(frozen=True)
class Process:
    """One child. ``grace`` is the seconds it has between SIGTERM and SIGKILL."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    grace: float
    directory: Path = ROOT
    stdin: bytes = field(default=b"", repr=False)
    log: Path | None = None
    """Where it writes what it has to say, when that is not its output."""


def services(settings: Settings, redis_url: str, simulator_port: int) -> list[Process]:
    """In the order in which they start; they stop in reverse, so that the poller can drain."""
    given = settings.environment
    simulated = settings.provider == "simulator"
    common = system(given) | {
        "BACKBURNER_PROVIDER": settings.provider,
        "BACKBURNER_DATA_DIR": str(settings.directory),
    }
    traced = {name: value for name, value in given.items() if name.startswith("OTEL_")}
    store = {"REDIS_URL": redis_url, **traced}
    key = given.get("BACKBURNER_SIMULATOR_KEY") or SIMULATOR_KEY
    provider = {name: given[name] for name in PROVIDER if name in given}
    if simulated:  # no proxy then: the simulator is on this machine
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
        # Longer than any drain of its own: killed in mid-POST, it could leave a task unconfirmed.
        _service("poller", common | store | provider, grace=60),
        _service("api", common | store | address | webhooks, grace=5),
    ]
    if simulated:
        started.insert(0, _service("simulator", common | webhooks | simulator, grace=5))
    return started


def system(given: Mapping[str, str]) -> dict[str, str]:
    """What any process needs to run here, and our own settings; no secret of anyone's."""
    kept = {
        name: value
        for name, value in given.items()
        if name in SYSTEM or name.startswith(SYSTEM_PREFIXES)
    }
    return kept | {"PYTHONUNBUFFERED": "1"}


def _service(name: str, env: Mapping[str, str], grace: float) -> Process:
    return Process(name, (sys.executable, "-m", f"services.{name}"), env, grace)
