"""README is true: its commands and its program do what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import Installation
from tests.shared.example import EXAMPLE_COST_USD

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
ADDRESS = "http://127.0.0.1:8000"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.integration
def test_the_python_program_prints_an_answer(running: Installation) -> None:
    (program,) = blocks("python")
    program = program.replace(ADDRESS, running.api_url).replace("sleep(5)", "sleep(0.1)")

    done = subprocess.run(  # noqa: S603 -- our own README
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"completed {EXAMPLE_COST_USD} Offshoot: Witness Night")


@pytest.mark.integration
def test_the_curl_commands_do_what_they_say(running: Installation) -> None:
    submit, read, decide = (block for block in blocks("sh") if "curl" in block)
    first = _shell(submit.replace(ADDRESS, running.api_url))
    (task_id,) = re.findall(r'"id":"(task_[0-9a-f]+)"', first)
    running.ended(task_id)

    again = _shell(submit.replace(ADDRESS, running.api_url))
    assert f'"id":"{task_id}"' in again
    everything = _shell(read.replace(ADDRESS, running.api_url).replace("task_…", task_id))
    assert f'"id":"{task_id}"' in everything
    assert "made by" in everything or "simulator" in everything
    assert '"object": "response"' in everything
    _shell(decide.replace(ADDRESS, running.api_url).replace("task_…", task_id))


def test_every_setting_of_the_example_file_is_explained() -> None:
    names = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    known = {"BACKBURNER_SUBMIT_TIMEOUT", "BACKBURNER_POLL_TIMEOUT"}
    assert len(names) > 10
    missing = {name for name in names if name not in README} - known
    assert {name for name in missing if "SIMULATOR" not in name and "WEBHOOK" not in name} == set()


def test_the_two_commands_come_first() -> None:
    assert blocks("sh")[0].split()[:2] == ["make", "run"]
    assert "\nmake test" in blocks("sh")[0]


def _shell(command: str) -> str:
    done = subprocess.run(  # noqa: S603 -- our own README
        ["/bin/sh", "-ec", command], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
