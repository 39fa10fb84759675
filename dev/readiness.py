"""Waits until the API and a poller are ready, and writes the banner."""

import asyncio
import json
from http.client import HTTPConnection, HTTPException

from dev.settings import Settings

SIMULATED = """\
  Provider   SIMULATOR: every answer is MADE UP and nothing is paid.
             For real answers: OPENAI_API_KEY=sk-... make run   (or set the key in .env)"""
REAL = """\
  Provider   OpenAI: your API key pays for every task."""


async def wait_until_ready(settings: Settings) -> None:
    """Return once the API accepts tasks and a poller runs. Has no time limit of its own."""
    while True:
        if await asyncio.to_thread(_is_ready, settings.host, settings.port):
            return
        await asyncio.sleep(0.05)


def banner(settings: Settings, simulator_port: int) -> str:
    """Return the text that is printed once everything is ready."""
    provider = REAL
    if settings.provider == "simulator":
        provider = f"{SIMULATED}\n             Its address: http://127.0.0.1:{simulator_port}/"
    data = settings.directory if settings.redis_url is None else "the server at REDIS_URL"
    return f"""
  Backburner is ready: http://{_authority(settings.host, settings.port)}/

{provider}
  Data       {data}
  Stop       Ctrl-C

"""


def _is_ready(host: str, port: int) -> bool:
    connection = HTTPConnection(_reachable(host), port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        state = json.loads(connection.getresponse().read())
        # With tokens, an unauthenticated caller gets no number.
        return bool(state["status"] == "ready" and state["pollers"] != 0)
    except (OSError, HTTPException, ValueError, KeyError):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    """Use loopback for a server that listens on all addresses."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- nothing is bound


def _authority(host: str, port: int) -> str:
    reachable = _reachable(host)
    return f"[{reachable}]:{port}" if ":" in reachable else f"{reachable}:{port}"
