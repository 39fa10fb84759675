"""The command line against a real Backburner: what unit tests with a stub cannot show."""

import json
import re
import signal
import subprocess
from itertools import takewhile

import pytest

from tests.clients.terminal import Said, environment, run, run_in_terminal, running_command
from tests.harness import Installation

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

QUESTION = "Write a short offshoot to the lina trilogy."
SLOW = "Take your time. [simulate: takes 4 s]"


def ask(place: Installation, question: str, *options: str) -> Said:
    return run(place.api_url, "submit", "-", *options, stdin=question)


def way_back(said: str) -> str:
    """The command that was printed for coming back."""
    (command,) = re.findall(r"Come back with:\s+(.*backburner wait task_[0-9a-f]+)", said)
    return str(command)


def follow(command: str) -> "subprocess.CompletedProcess[str]":
    """A printed command, as a person pastes it into a shell that has no settings of its own."""
    env = environment("")
    del env["BACKBURNER_URL"]
    return subprocess.run(  # noqa: S603 -- what our own command printed
        ["/bin/sh", "-c", command], env=env, capture_output=True, text=True, timeout=60, check=False
    )


def until_line(process: "subprocess.Popen[str]", start: str) -> str:
    """What it writes to stderr until a line begins with ``start``."""
    assert process.stderr
    seen = list(
        takewhile(lambda line: not line.startswith(start), iter(process.stderr.readline, ""))
    )
    assert process.poll() is None, "".join(seen)
    return "".join(seen)


# The main job


def test_a_question_is_answered_and_sent_once(running: Installation) -> None:
    said = ask(running, QUESTION, "--wait")
    assert said.code == 0
    assert said.out.startswith("Offshoot: Witness Night\n\n")
    assert "no cost; OpenAI would charge $1.43" in said.err
    (task_id,) = re.findall(r"^(task_[0-9a-f]{32}): ", said.err)
    assert len(running.posts(task_id)) == 1


# Coming back


def test_ctrl_c_leaves_the_task_running_and_says_how_to_come_back(running: Installation) -> None:
    with running_command(running.api_url, "submit", "-", "--wait", stdin=SLOW) as process:
        until_line(process, "in_progress")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (130, "")
    command = way_back(err)
    task_id = command.split()[-1]
    assert running.task(task_id)["status"] != "cancelled"
    back = follow(command)
    assert back.returncode == 0
    assert back.stdout.startswith("# ")
    assert len(running.posts(task_id)) == 1


def test_ctrl_c_on_a_terminal_leaves_it_as_it_was(running: Installation) -> None:
    task_id = running.submit(SLOW)["id"]
    said = run_in_terminal(running.api_url, "wait", task_id, width=50, interrupt="in_progress")
    assert said.code == 130
    assert way_back(said.out).endswith(task_id)
    assert said.out.rfind("\x1b[?25h") > said.out.rfind("\x1b[?25l")
    running.ended(task_id)


def test_waiting_outlasts_a_server_that_is_killed(installation: Installation) -> None:
    installation.valkey()
    installation.simulator()
    installation.poller()
    server = installation.api()
    port = int(installation.api_url.rpartition(":")[2])
    with running_command(installation.api_url, "submit", "-", "--wait", stdin=SLOW) as process:
        until_line(process, "in_progress")
        server.kill()
        until_line(process, "http")
        installation.api(port)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 0, err
    assert out.startswith("# ")


# Unconfirmed, cancelled, deleted


def test_the_printed_command_resolves_an_unconfirmed_task(
    running: Installation,
) -> None:
    running.fault("accept_then_drop", "create")
    said = ask(running, QUESTION, "--wait")
    assert said.code == 5
    (task_id,) = re.findall(r"^(task_[0-9a-f]{32}): ", said.err)
    (post,) = running.posts(task_id)
    (adopt,) = re.findall(r"^  (.* adopt task_[0-9a-f]+ RESPONSE_ID)$", said.err, re.MULTILINE)

    assert follow(adopt.replace("RESPONSE_ID", post["response_id"])).returncode == 0

    assert run(running.api_url, "wait", task_id).out.startswith("Offshoot: Witness Night")
    assert len(running.posts(task_id)) == 1


def test_a_cancelled_task_says_what_became_of_it(running: Installation) -> None:
    task_id = running.submit("Never mind. [simulate: never ends]")["id"]
    running.until(task_id, "in_progress")
    said = run(running.api_url, "cancel", task_id)
    assert said.code == 0
    assert said.err.startswith("cancelled · took ")
    assert run(running.api_url, "wait", task_id).code == 1
    assert run(running.api_url, "abandon", task_id).code == 5


def test_a_deleted_task_leaves_its_receipt(running: Installation) -> None:
    task_id = running.ended(running.submit(QUESTION)["id"])["id"]
    said = run(running.api_url, "delete", task_id, "--yes")
    assert said.code == 0
    assert "deleted at the simulator" in said.out
    gone = run(running.api_url, "show", task_id, "--json")
    assert (gone.code, json.loads(gone.out)["receipt"]["provider"]["outcome"]) == (4, "deleted")
