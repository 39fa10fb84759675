"""The servers that others wrote, each started as its own documentation says."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared.openai.model import ACTIVE
from tests.harness import Installation, Process

HERE = Path(__file__).parent
KEY = f"sk-{0x5EED:064x}"
"""What the servers are called with; LiteLLM refuses to start with a short one."""


@dataclass(frozen=True)
class Server:
    """``requires`` is a module of the given interpreter, or None for a command of aimock."""

    requires: str | None
    start: Callable[[Installation, str, int], Process]


def _fastresponses(place: Installation, python: str, port: int) -> Process:
    argv = [python, str(HERE / "fastresponses_server.py"), str(port)]
    return place.start("fastresponses", argv, {})


def _azure(place: Installation, python: str, port: int) -> Process:
    return place.start(
        "azure", [python, str(HERE / "azure_server.py"), str(port)], {"HOME": str(place.folder)}
    )


def _litellm(place: Installation, python: str, port: int) -> Process:
    """In front of the simulator, as a gateway in front of OpenAI."""
    if not place.simulator_url:
        place.simulator()
    config = place.folder / "litellm.yaml"
    target = {"model": f"openai/{ACTIVE.name}", "api_base": f"{place.simulator_url}/v1"}
    models = [{"model_name": ACTIVE.name, "litellm_params": target | {"api_key": "sk-simulator"}}]
    config.write_text(json.dumps({"model_list": models}))
    program = str(Path(python).with_name("litellm"))
    argv = [program, "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    return place.start("litellm", argv, {"LITELLM_MASTER_KEY": KEY, "HOME": str(place.folder)})


def _aimock(place: Installation, aimock: str, port: int) -> Process:
    fixtures = place.folder / "fixtures.json"
    answer = {"match": {"userMessage": "tides"}, "response": {"content": "The moon pulls."}}
    fixtures.write_text(json.dumps({"fixtures": [answer]}))
    return place.start("aimock", [aimock, "--port", str(port), "--fixtures", str(fixtures)], {})


SERVERS = {
    "fastresponses": Server("fastresponses", _fastresponses),
    "azure-ai-agentserver-responses": Server("azure.ai.agentserver.responses", _azure),
    "litellm": Server("litellm", _litellm),
    "aimock": Server(None, _aimock),
}
