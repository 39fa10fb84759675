"""An earlier version's store goes on under this one, and tasks are let go of after their time."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness import Installation, eventually, http
from tests.upgrade_fixtures import version

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

OLD = version.TASKS
KEY = {"Authorization": "Bearer sk-simulator"}


def ask(place: Installation, path: str, **query: str) -> Any:
    reply = http.get(f"{place.api_url}/v1/tasks{path}", params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


def deleted(place: Installation, name: str) -> str:
    """What the receipt of an old task's deletion says of the provider."""

    def look() -> str | None:
        reply = http.delete(f"{place.api_url}/v1/tasks/{OLD[name]}")
        assert reply.status_code in (200, 202), reply.text
        return reply.json()["provider"]["outcome"] if reply.status_code == 200 else None

    return str(eventually(look, f"{name} is deleted"))


def test_every_task_of_an_earlier_version_goes_on(installation: Installation) -> None:
    """The API and two pollers start at once on its store; its own poller and API have ended."""
    now = time.time_ns() // 1_000_000
    version.simulator(installation.folder / "simulator.sqlite", now)
    installation.valkey()
    for command in version.commands(now):
        installation.store.execute_command(*command)
    installation.simulator()
    pollers = [installation.poller(ready=False) for _ in range(2)]
    installation.api()
    for poller in pollers:
        eventually(lambda it=poller: "poller_started" in it.output, "the poller has started")

    for name in ("running", "queued"):
        assert installation.ended(OLD[name])["status"] == "completed"
        assert len(installation.posts(OLD[name])) == 1
    assert {task["id"] for task in ask(installation, "")["data"]} == set(OLD.values())
    assert [task["id"] for task in ask(installation, "", q='"old stores"')["data"]] == [
        OLD["completed"]
    ]
    assert ask(installation, f"/{OLD['child']}/thread")["root"] == OLD["completed"]
    exported = ask(installation, f"/{OLD['completed']}/export")
    assert exported["export"]["output_text"]
    assert http.post(f"{installation.api_url}/v1/tasks", json=exported).status_code == 202

    replay = http.post(
        f"{installation.api_url}/v1/tasks",
        json={"input": "Wait for me"},
        headers={"Idempotency-Key": "queued key"},
    )
    assert (replay.json()["id"], replay.headers["idempotent-replayed"]) == (OLD["queued"], "true")
    cancelled = http.post(f"{installation.api_url}/v1/tasks/{OLD['unconfirmed']}/cancel").json()
    assert (cancelled["status"], cancelled["receipt"]["sent"]) == ("cancelled", "unknown")
    receipt = eventually(
        lambda: (found := installation.task(OLD["watched"])["receipt"])["settled"] and found,
        "what the cancelled one came to at the provider is found out",
    )
    assert "finished it all the same" in receipt["message"]
    today = http.get(f"{installation.api_url}/v1/spending").json()["today"]["installation"]
    assert today["spent_usd"] >= version.SPENT / 1e6

    assert deleted(installation, "completed") == "deleted"
    assert deleted(installation, "abandoned") == "unknown"
    assert deleted(installation, "withdrawn") == "never_sent"


def test_expired_tasks_are_exported_and_then_deleted_there_and_here(
    installation: Installation, tmp_path: Path
) -> None:
    installation.all()
    old = installation.ended(installation.submit("What is worth keeping?")["id"])
    exported = ask(installation, f"/{old['id']}/export")
    runs = installation.submit("Not yet [simulate: takes 60 s]")["id"]
    installation.until(runs, "in_progress")
    installation.processes[-2].stop()

    folder = tmp_path / "expired"
    installation.poller(
        BACKBURNER_RETENTION_DAYS="0.00001", BACKBURNER_RETENTION_EXPORT_DIR=str(folder)
    )
    url = f"{installation.api_url}/v1/tasks/{old['id']}"
    eventually(lambda: http.get(url).status_code == 410, "it is deleted")
    there = f"{installation.simulator_url}/v1/responses/{old['response_id']}"
    assert http.get(there, headers=KEY).status_code == 404
    assert installation.task(runs)["status"] == "in_progress"

    (file,) = folder.iterdir()
    assert httpx.Response(200, content=file.read_bytes()).json() == exported
    again = http.post(
        f"{installation.api_url}/v1/tasks",
        content=file.read_bytes(),
        headers={"Content-Type": "application/json"},
    )
    assert again.status_code == 202, again.text
    assert again.json()["input"] == old["input"]
