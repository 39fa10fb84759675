"""Messages to people, from real pollers through apprise to a receiver on this machine."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.clients.stub import Stub, serving
from tests.harness import ROOT, Installation, eventually, http

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        find_spec("apprise") is None,
        reason="LEFT OUT: apprise is not installed (make test-notify)",
    ),
]

SECRET = "s3cr3t-t0ken"


@pytest.fixture
def receiver() -> Iterator[Stub]:
    with serving() as server:
        yield server


def settings(folder: Path, receiver: Stub, **more: str) -> dict[str, str]:
    """The environment of a poller with one channel."""
    address = f"{receiver.url.removeprefix('http://')}/{SECRET}"
    events = ["task.completed", "task.failed", "task.cancelled", "submissions_paused"]
    lines = [
        'page_url = "http://127.0.0.1:8000"',
        "[[channels]]",
        'name = "team"',
        f'url = "json://{address}"',
        f"events = {json.dumps(events)}",
        *(f"{name} = {value}" for name, value in more.items()),
    ]
    file = folder / "notifications.toml"
    file.write_text("\n".join(lines))
    spec = find_spec("apprise")
    assert spec is not None
    assert spec.origin is not None
    path = f"{ROOT}{os.pathsep}{Path(spec.origin).parents[1]}"
    return {"BACKBURNER_NOTIFICATIONS_FILE": str(file), "PYTHONPATH": path}


def told(receiver: Stub) -> list[dict[str, Any]]:
    return [json.loads(body) for *_, body in list(receiver.asked)]


def tasks_told(receiver: Stub) -> Counter[str]:
    """How often each task was in a message."""
    text = "\n".join(each["message"] for each in told(receiver))
    return Counter(re.findall(r"/#/tasks/(task_\w+)", text))


def test_the_end_of_a_task_is_told_with_its_link_and_without_question_and_answer(
    installation: Installation, receiver: Stub
) -> None:
    installation.valkey()
    installation.simulator()
    poller = installation.poller(**settings(installation.folder, receiver))
    api = installation.api()
    eventually(lambda: installation.store.keys("*notifications*progress*"), "the channel is known")
    task = installation.submit("What is a hidden question?", title="Roofs")
    installation.ended(task["id"])
    eventually(lambda: told(receiver), "a message")
    [message] = told(receiver)
    assert message["title"] == "Backburner: Answer ready: Roofs"
    assert f"http://127.0.0.1:8000/#/tasks/{task['id']}" in message["message"]
    assert "hidden question" not in json.dumps(message)
    shown = http.get(f"{installation.api_url}/v1/notifications").json()
    [channel] = shown["channels"]
    assert (channel["name"], channel["service"], channel["problem"]) == ("team", "json", None)
    eventually(
        lambda: http.get(f"{installation.api_url}/v1/notifications").json()["channels"][0][
            "last_sent_at"
        ],
        "the time of the message",
    )
    assert poller.stop() == 0
    for output in (poller.output, api.output, json.dumps(shown)):
        assert SECRET not in output
        assert "hidden question" not in output


@pytest.mark.thorough
def test_no_end_is_missed_while_pollers_are_killed_and_the_receiver_fails(
    installation: Installation, receiver: Stub
) -> None:
    installation.valkey()
    installation.simulator()
    env = settings(installation.folder, receiver)
    installation.poller(**env)
    installation.api()
    eventually(lambda: installation.store.keys("*notifications*progress*"), "the channel is known")
    receiver.says({}, 500)
    ids = [installation.submit(f"Question {number}")["id"] for number in range(30)]
    eventually(lambda: receiver.asked, "the receiver fails once")
    for _ in range(3):
        victim = next(p for p in reversed(installation.processes) if p.name == "poller")
        victim.kill()
        # What a dead poller held is due again after a minute; nobody waits for that here.
        for key in installation.store.keys("*notifications*lease*"):
            installation.store.delete(key)
        installation.poller(**env)
    receiver.says({})
    receiver.asked.clear()
    installation.store.hset("backburner:notifications:simulator:progress:team", "retry_at", 0)
    for each in ids:
        installation.ended(each)

    def everything() -> bool:
        installation.store.hset("backburner:notifications:simulator:progress:team", "retry_at", 0)
        return set(tasks_told(receiver)) == set(ids)

    eventually(everything, "every task was told")


def test_a_paused_submission_is_told_without_the_providers_words(
    installation: Installation, receiver: Stub
) -> None:
    installation.valkey()
    installation.simulator()
    installation.poller(**settings(installation.folder, receiver))
    eventually(lambda: installation.store.keys("*notifications*progress*"), "the channel is known")
    installation.store.hset(
        "backburner:submission_gate:simulator",
        mapping={
            "reason": "bad_key",
            "detail": "",
            "message": "The key is refused.",
            "says": "sk-quoted",
            "since": 1,
            "probe_at": 1,
        },
    )
    eventually(lambda: told(receiver), "a message about the pause")
    assert told(receiver)[0]["title"] == "Backburner: No task is sent at present"
    assert "sk-quoted" not in json.dumps(told(receiver))


def test_the_test_command_says_how_each_channel_did(receiver: Stub, tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], **settings(tmp_path, receiver)}
    argv = [sys.executable, "-m", "services.poller.cli_test_notifications"]

    def run() -> tuple[int, str, str]:
        done = subprocess.run(  # noqa: S603 -- our own command
            argv, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout, done.stderr

    assert run() == (0, "team: sent\n", "")
    receiver.says({}, 404)
    code, out, err = run()
    assert (code, out) == (1, "team: failed (http_404)\n")
    assert SECRET not in err
