"""schemathesis finds no call of the running API that answers other than its description says."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.harness import ROOT, Installation, http

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

STREAM = "/v1/events"
"""Its answer has no end; tests/services/api/live tries it."""

ADD = (sys.executable, "-m", "services.api.auth", "add")
SCHEMATHESIS = (sys.executable, "-m", "schemathesis.cli")
CONFIG = """\
# No longer than this does a read wait for news.
parameters = { "header.Prefer" = "wait=1", "query.stream" = "false" }

[checks.positive_data_acceptance]
# No schema can say that the last message is the user's, or that a key is not used for another.
enabled = false

[checks.negative_data_rejection]
# Beside what it knows: a list with too many items may be too large before it is read.
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429]

[checks.use_after_free]
# Deleting is a job: until it is done, which is a 202, the task is there.
enabled = false

[[operations]]
# Without `background` the reply comes when the task ends, and an unconfirmed one does not end:
# tests/services/api/routes/test_responses.py sends what is invalid.
include-path-regex = "/v1/responses$"
generation.mode = "positive"

[[operations]]
# There is a task, but not yet an answer.
include-path-regex = "/(answer|response)$"
checks.ensure_resource_availability.enabled = false
"""


@pytest.fixture
def guarded(installation: Installation) -> tuple[Installation, str]:
    """An installation with one token, some of whose tasks will be unconfirmed; and the token."""
    tokens = installation.folder / "tokens.toml"
    made = subprocess.run(  # noqa: S603 -- our own command
        [*ADD, "tester", "--admin", "--requests", "1000000"],
        env={"BACKBURNER_TOKENS_FILE": str(tokens), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    installation.valkey()
    installation.simulator(
        BACKBURNER_SIMULATOR_QUEUED_SECONDS="0", BACKBURNER_SIMULATOR_RUN_SECONDS="0"
    )
    installation.poller(BACKBURNER_POLL_INTERVAL="0.1")
    installation.api(
        BACKBURNER_TOKENS_FILE=str(tokens),
        BACKBURNER_MAX_OPEN_TASKS="100000",
        BACKBURNER_WEBHOOK_ALLOW="hooks.example",
    )
    installation.fault("accept_then_drop", "create", times=100)
    return installation, made.stdout.strip()


def strict(description: dict[str, Any]) -> dict[str, Any]:
    """The description without its excuse for any other problem."""
    for methods in description["paths"].values():
        for call in methods.values():
            call["responses"].pop("default", None)
    # Whatever text there is, is Markdown; the tool would take "null" for something else.
    submit = description["paths"]["/v1/tasks"]["post"]
    submit["requestBody"]["content"]["text/markdown"]["schema"] = {}
    # Without these the reply comes when the task ends, and some are unconfirmed.
    create = description["components"]["schemas"]["ResponseCreate"]
    create["properties"] |= {"background": {"const": True}, "stream": {"const": False}}
    create["required"].append("background")
    return description


def answered(har: Path, description: dict[str, Any]) -> dict[str, set[int]]:
    """The statuses that were seen of each call, by its name in the description."""
    names = {
        (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path))): call["operationId"]
        for path, methods in description["paths"].items()
        for method, call in methods.items()
    }
    seen: dict[str, set[int]] = {}
    for entry in json.loads(har.read_text())["log"]["entries"]:
        path = urlsplit(entry["request"]["url"]).path
        for (method, pattern), name in names.items():
            if method == entry["request"]["method"] and pattern.fullmatch(path):
                seen.setdefault(name, set()).add(entry["response"]["status"])
    return seen


def tried(guarded: tuple[Installation, str], examples: int, seed: int) -> int:
    """How many requests schemathesis made, none of which may have failed."""
    installation, token = guarded
    described, config = installation.folder / "openapi.json", installation.folder / "config.toml"
    description = http.get(f"{installation.api_url}/openapi.json").json()
    described.write_text(json.dumps(strict(description)))
    config.write_text(CONFIG)
    options = {
        "--url": installation.api_url,
        "--header": f"Authorization: Bearer {token}",
        "--exclude-path": STREAM,
        "--max-examples": str(examples),
        "--seed": str(seed),
        "--report-har-path": str(installation.folder / "run.har"),
        "--request-timeout": "20",
    }
    run = subprocess.run(  # noqa: S603 -- our own command
        [*SCHEMATHESIS, "--config-file", str(config), "run", str(described)]
        + [word for option in options.items() for word in option],
        cwd=installation.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    report = re.sub(r"(.{600}).+", r"\1 …", run.stdout)[-20_000:]
    assert run.returncode == 0, report
    found = re.search(r"([\d,]+) generated, \1 passed", report)
    assert found, report
    return int(found[1].replace(",", ""))


def test_a_few_hundred_requests_are_answered_as_described(
    guarded: tuple[Installation, str],
) -> None:
    assert tried(guarded, examples=3, seed=1) >= 300


@pytest.mark.slow
def test_thousands_of_requests_are_answered_as_described(
    guarded: tuple[Installation, str],
) -> None:
    assert tried(guarded, examples=150, seed=2) >= 2_000
    installation, _ = guarded
    description = http.get(f"{installation.api_url}/openapi.json").json()
    seen = answered(installation.folder / "run.har", description)
    calls = {
        call["operationId"] for ways in description["paths"].values() for call in ways.values()
    }
    succeeded = {name for name, statuses in seen.items() if min(statuses) < 300}
    assert calls - succeeded == {"read_events", "receive_webhook"}
