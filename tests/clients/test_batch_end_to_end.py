"""A batch against a real Backburner: killed, interrupted, refused, and each question paid once."""

import json
import random
import re
import signal
import subprocess
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.clients.terminal import run, running_command
from tests.harness import Installation, eventually

pytestmark = [pytest.mark.integration, pytest.mark.thorough]


@pytest.fixture
def fast(installation: Installation) -> Installation:
    """An installation whose provider answers at once."""
    installation.valkey()
    seconds = {
        "BACKBURNER_SIMULATOR_QUEUED_SECONDS": "0",
        "BACKBURNER_SIMULATOR_RUN_SECONDS": "0.1",
    }
    installation.simulator(**seconds)
    installation.poller(BACKBURNER_POLL_INTERVAL="0.2")
    installation.api()
    return installation


def questions(path: Path, count: int, text: str = "Question {}?") -> str:
    lines = (
        {"custom_id": f"q-{number}", "body": {"input": text.format(number)}}
        for number in range(count)
    )
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return str(path)


def results(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


def test_300_lines_and_ten_kills_make_300_results_and_300_posts(
    fast: Installation, tmp_path: Path
) -> None:
    source, output = questions(tmp_path / "in.jsonl", 300), tmp_path / "out.jsonl"
    command = ("batch", source, "-o", str(output), "--yes", "--max-open", "40")
    chance, kills = random.Random(15), 0  # noqa: S311 -- moments to kill at
    for kill in range(10):
        with running_command(fast.api_url, *command) as process:
            goal = 25 * kill + chance.randrange(25)
            eventually(partial(_reached, process, output, goal), f"{goal} results")
            kills += process.poll() is None
            process.kill()
    assert kills == 10
    said = run(fast.api_url, *command)

    assert said.code == 0, said.err
    found = results(output)
    assert Counter(each["custom_id"] for each in found) == {f"q-{n}": 1 for n in range(300)}
    assert all(each["response"]["body"]["status"] == "completed" for each in found)
    assert len(fast.ledger()) == 300
    assert run(fast.api_url, *command).code == 0
    assert len(fast.ledger()) == 300


def _reached(process: "subprocess.Popen[str]", output: Path, goal: int) -> bool:
    written = output.read_bytes().count(b"\n") if output.exists() else 0
    return written > goal or process.poll() is not None


def test_ctrl_c_leaves_the_tasks_and_the_printed_command_comes_back(
    fast: Installation, tmp_path: Path
) -> None:
    source = questions(tmp_path / "in.jsonl", 3, "{}. [simulate: takes 3 s]")
    output = tmp_path / "out.jsonl"
    options = ("-o", str(output), "--label", "mine", "--yes")
    with running_command(fast.api_url, "batch", source, *options) as process:
        eventually(lambda: len(fast.ledger()) == 3, "all are sent")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    (command,) = re.findall(r"Come back with:\n  \S+ \S+ (batch .*)", err)
    assert command == f"batch {source} -o {output} --label mine --max-open 100 --yes"
    assert run(fast.api_url, *command.split()).code == 0
    assert len(results(output)) == len(fast.ledger()) == 3


def test_each_line_ends_in_a_result_or_with_its_number(fast: Installation, tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    texts = ("Fine?", "Bad. [simulate: failed]", "Never sent. [simulate: no such script]")
    lines = (
        json.dumps({"custom_id": f"ü-{number}", "body": {"input": text}})
        for number, text in enumerate(texts)
    )
    source.write_text("\n".join(lines))
    command = ("batch", str(source), "-o", str(output), "--yes", "--max-open", "1")
    said = run(fast.api_url, *command)
    assert said.code == 1, said.err
    found = {each["custom_id"]: each for each in results(output)}
    assert found["ü-0"]["response"]["body"]["status"] == "completed"
    assert found["ü-1"]["response"]["body"]["status"] == "failed"
    assert found["ü-2"]["response"] is None
    assert found["ü-2"]["error"]["code"]

    source.write_text(json.dumps({"custom_id": "ü-0", "body": {"input": "Changed?"}}))
    said = run(fast.api_url, "batch", str(source), "-o", str(tmp_path / "new.jsonl"), "--yes")
    assert said.code == 2
    assert said.err.count("Line 1 (ü-0): ") == 1
    assert len(fast.ledger()) == 3


def test_an_unconfirmed_line_waits_for_a_decision_and_is_collected_then(
    fast: Installation, tmp_path: Path
) -> None:
    source, output = questions(tmp_path / "in.jsonl", 1), tmp_path / "out.jsonl"
    fast.fault("accept_then_drop", "create")
    command = ("batch", source, "-o", str(output), "--yes")
    said = run(fast.api_url, *command)
    assert said.code == 5
    (task_id,) = re.findall(r"Line 1 \(q-0\): (task_\w+) is unconfirmed", said.err)
    assert results(output) == []
    (post,) = fast.posts(task_id)
    assert run(fast.api_url, "adopt", task_id, post["response_id"]).code == 0
    assert run(fast.api_url, *command).code == 0
    assert results(output)[0]["response"]["body"]["id"] == post["response_id"]


def test_others_tasks_that_fill_the_server_only_delay_it(
    installation: Installation, tmp_path: Path
) -> None:
    installation.valkey()
    installation.simulator()
    installation.poller()
    installation.api(BACKBURNER_MAX_OPEN_TASKS="2")
    task = installation.submit("Long. [simulate: takes 3 s]")
    installation.submit("Long. [simulate: takes 3 s]")
    source, output = questions(tmp_path / "in.jsonl", 4), tmp_path / "out.jsonl"
    said = run(installation.api_url, "batch", source, "-o", str(output), "--yes")
    assert said.code == 0, said.err
    assert len(results(output)) == 4
    installation.ended(task["id"])
