"""Runs one task against servers that others wrote: ``python -m tests.providers --python PATH``.

They are no dependencies of ours. Install those that interest you into an environment of its own
(``pip install fastresponses azure-ai-agentserver-responses 'litellm[proxy]'``) and name its
interpreter; ``--aimock`` names aimock's program (``npm install @copilotkit/aimock``).
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.harness import Installation, eventually, free_port, http
from tests.providers.servers import KEY, SERVERS, Server

PATIENCE_S = 60.0
ENDS = ("completed", "incomplete", "failed", "cancelled", "unconfirmed")


def main() -> int:
    """0 if every server that is there was tried and its task has ended or says why not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="interpreter with the servers")
    parser.add_argument("--aimock", help="the program aimock or llmock")
    parser.add_argument("--only", choices=SERVERS, help="one server")
    given = parser.parse_args()
    failed = 0
    for name in [given.only] if given.only else SERVERS:
        server = SERVERS[name]
        program = given.python if server.requires else given.aimock
        if program is None or not _has(program, server):
            _say(f"{name}: not installed, so it was left out.")
            continue
        with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as place:
            failed += not _try(name, server, program, place)
    return int(failed > 0)


def _has(program: str, server: Server) -> bool:
    argv = [program, "-c", f"import {server.requires}"] if server.requires else [program, "--help"]
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0  # noqa: S603 -- named by the caller


def _try(name: str, server: Server, program: str, place: Installation) -> bool:
    port = free_port()
    process = server.start(place, program, port)
    url = f"http://127.0.0.1:{port}"
    eventually(lambda: process.popen.poll() is not None or _answers(url), f"{name} answers", 90)
    if process.popen.poll() is not None:
        _say(f"{name}: it did not start.\n{process.output[-2000:]}")
        return False
    place.valkey()
    provider = {"BACKBURNER_PROVIDER": "openai"}
    poller = place.poller(
        OPENAI_BASE_URL=f"{url}/v1",
        OPENAI_API_KEY=KEY,
        ready=False,
        BACKBURNER_POLL_INTERVAL="0.5",
        **provider,
    )
    place.api(**provider)
    task_id = place.submit("Explain the tides.")["id"]
    end = time.monotonic() + PATIENCE_S
    task = place.task(task_id)
    while task["status"] not in ENDS and time.monotonic() < end:
        time.sleep(0.2)
        task = place.task(task_id)
    progress = http.get(f"{place.api_url}/v1/tasks/{task_id}/progress").json()["message"]
    _report(name, task, progress, poller.output)
    return task["status"] in ENDS or bool(task.get("waiting") or task["paused"])


def _report(name: str, task: dict[str, Any], progress: str, log: str) -> None:
    facts = {
        "status": task["status"],
        "response": task["response_id"],
        "polls": task["polls"],
        "model": task["model"],
        "cost_usd": task["cost_usd"],
        "error": task["error"],
        "waiting": task.get("waiting") or task["paused"],
        "answer": (task["output_text"] or "")[:60],
        "progress": progress,
    }
    _say(f"{name}: " + ", ".join(f"{key}={value!r}" for key, value in facts.items() if value))
    for line in log.splitlines():
        if "[warning" in line or "[error" in line:
            _say(f"    {line[:300]}")


def _answers(url: str) -> bool:
    try:
        http.get(f"{url}/v1/responses/resp_nothing", timeout=2)
    except httpx.HTTPError:
        return False
    return True


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
