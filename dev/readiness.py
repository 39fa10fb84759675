"""Tells when the page can be used, and greets the person with what they need to know."""

import asyncio
import json
from http.client import HTTPConnection, HTTPException

from dev.settings import Settings

SIMULATED = """\
  Provider   SIMULATOR: every answer is MADE UP and nothing is paid.
             For real answers: OPENAI_API_KEY=sk-... make run   (or put the key into .env)"""
REAL = """\
  Provider   OpenAI: every task is paid with your key."""


async def ready(settings: Settings) -> None:
    """Returns when tasks are taken and a poller works on them; the caller sets the limit."""
    while True:
        if await asyncio.to_thread(_answers, settings.host, settings.port):
            return
        await asyncio.sleep(0.05)


def greeting(settings: Settings, simulator_port: int) -> str:
    """The block printed once everything runs."""
    provider = REAL
    if settings.provider == "simulator":
        provider = f"{SIMULATED}\n             It listens on http://127.0.0.1:{simulator_port}/"
    data = settings.directory if settings.redis_url is None else "the server at REDIS_URL"
    return f"""
  Backburner is ready: http://{_authority(settings.host, settings.port)}/

{provider}
  Data       {data}
  Stop       Ctrl-C

"""


def _answers(host: str, port: int) -> bool:
    connection = HTTPConnection(_reachable(host), port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        state = json.loads(connection.getresponse().read())
        # Where tokens are asked for, a stranger is told no number.
        return bool(state["status"] == "ready" and state["pollers"] != 0)
    except (OSError, HTTPException, ValueError, KeyError):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    """A server that listens everywhere is asked on loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- nothing is bound


def _authority(host: str, port: int) -> str:
    reachable = _reachable(host)
    return f"[{reachable}]:{port}" if ":" in reachable else f"{reachable}:{port}"
