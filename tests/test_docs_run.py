"""The pages on API, clients and webhooks are true: commands run, and say what is shown."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from backburner.cli import app
from backburner.exit_codes import MEANINGS
from shared.domain.states import Status
from tests.harness import Installation

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[1]
API, CLIENTS, WEBHOOKS = (
    (ROOT / "docs" / name).read_text() for name in ("api.md", "clients.md", "webhooks.md")
)
ADDRESS = "http://127.0.0.1:8000"
QUESTION = "Write a short offshoot to the lina trilogy."


@dataclass(frozen=True)
class Snippet:
    """A command or program, and what the page shows of its output."""

    language: str
    code: str
    form: str = ""
    shown: str = ""


def snippets(section: str) -> Iterator[Snippet]:
    found = re.findall(r"^(`{3,})(\w+)\n(.*?)^\1$", section, re.DOTALL | re.MULTILINE)
    for (_, language, code), (_, form, shown) in pairwise([*found, ("", "", "")]):
        if language in {"sh", "python"}:
            yield Snippet(language, code, *((form, shown) if form in {"json", "text"} else ()))


SECTIONS = {
    name: body
    for page in (API, CLIENTS, WEBHOOKS)
    for name, _, body in (each.partition("\n") for each in page.split("\n## ")[1:])
    if list(snippets(body))
}


def resembles(shown: Any, real: Any) -> bool:
    """Whether the reply has what is shown; … stands for anything, and more fields may be there."""
    match shown, real:
        case dict(), dict():
            return all(key in real and resembles(shown[key], real[key]) for key in shown)
        case list(), list():
            return len(shown) == len(real) and all(map(resembles, shown, real))
        case str(), str():
            return bool(re.fullmatch(_pattern(shown), real, re.DOTALL))
        case _:
            return bool(shown == real)


def _pattern(shown: str) -> str:
    return ".*".join(map(re.escape, shown.split("…")))


def says(shown: str, output: str) -> bool:
    """Whether the lines shown are in the output, in order; … stands for anything."""
    lines = (rf"^{_pattern(line)}$" for line in shown.splitlines() if line != "…")
    return bool(re.search(r".*?".join(lines), output, re.DOTALL | re.MULTILINE))


@pytest.fixture
def surroundings(running: Installation, tmp_path: Path) -> dict[str, str]:
    """The environment of someone who has installed the client and started Backburner."""
    (tmp_path / "backburner").symlink_to(ROOT / "backburner")
    return {
        "PATH": f"{tmp_path}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "clients"),
        "BACKBURNER_URL": running.api_url,
        "LANG": "C.UTF-8",
    }


def tasks(section: str, running: Installation) -> dict[str, str]:
    """The ids that the section's commands speak of."""
    found = {}
    if "TASK" in section:
        found["TASK"] = running.ended(running.submit(QUESTION)["id"])["id"]
    if "$OPEN" in section:
        task_id = running.submit("On and on [simulate: never ends]")["id"]
        found["OPEN"] = running.until(task_id, "in_progress")["id"]
    for name in ("UNSURE", "LOST"):
        if f"${name}" in section:
            running.fault("accept_then_drop", "create")
            task_id = running.until(running.submit(QUESTION)["id"], "unconfirmed")["id"]
            found |= {name: task_id, "RESPONSE": running.posts(task_id)[0]["response_id"]}
    return found


@pytest.mark.integration
@pytest.mark.parametrize("name", SECTIONS)
def test_every_command_and_program_says_what_is_shown(
    name: str, running: Installation, surroundings: dict[str, str], tmp_path: Path
) -> None:
    section = SECTIONS[name]
    env = surroundings | tasks(section, running)
    for snippet in snippets(section):
        output = run(snippet, env, tmp_path, running)
        if snippet.form == "json":
            assert resembles(json.loads(snippet.shown), json.loads(output)), output
        elif snippet.form == "text":
            assert says(snippet.shown, output.replace("\r", "")), output


def run(snippet: Snippet, env: dict[str, str], folder: Path, running: Installation) -> str:
    """What it writes to stdout; an endless one is stopped once something has happened."""
    code = snippet.code.replace(ADDRESS, running.api_url)
    program = [sys.executable, "-c"] if snippet.language == "python" else ["/bin/sh", "-euc"]
    endless = "until Ctrl-C" in code
    with subprocess.Popen(  # noqa: S603 -- our own documentation
        [*program, code],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        overdue = Timer(60, os.killpg, (process.pid, signal.SIGKILL))
        overdue.start()
        seen = ""
        if endless and process.stdout:
            for line in process.stdout:
                seen += line
                if line == "\n" and seen.count("event:") == 1:
                    running.submit(QUESTION)
                if says(snippet.shown, seen):
                    os.killpg(process.pid, signal.SIGINT)
                    break
        output, format_error = process.communicate()
        overdue.cancel()
    assert endless or process.returncode == 0, format_error
    assert "Traceback" not in format_error
    return seen + output


def table(heading: str, section: str) -> list[list[str]]:
    rows = section[section.index(heading) :].split("\n\n", maxsplit=1)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_every_problem_of_the_interface_is_in_the_table_with_a_remedy() -> None:
    source = "".join(path.read_text() for path in (ROOT / "services" / "api").rglob("*.py"))
    real = set(re.findall(r'\b([45]\d\d),\s*"([a-z-]+)"', source))
    rows = table("| status | type |", API)
    assert {(status, kind.strip("`")) for status, kind, _ in rows} == real
    assert all(remedy for *_, remedy in rows)


def test_every_exit_code_is_in_the_table_in_its_own_words() -> None:
    assert table("| exit code |", CLIENTS) == [
        [f"{code:d}", meaning] for code, meaning in MEANINGS.items()
    ]


def test_every_state_is_in_the_table() -> None:
    assert {row[0].strip("`") for row in table("| `status` |", API)} == set(Status)


def test_every_command_is_in_the_table() -> None:
    names = {
        each.name or each.callback.__name__ for each in app.registered_commands if each.callback
    }
    listed = " ".join(row[0] for row in table("| command | does |", CLIENTS))
    assert {name for name in names if not re.search(rf"\b{name}\b", listed)} == set()
