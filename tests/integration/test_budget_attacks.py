"""No owner spends more than its budget: not by tokens, by cancels, or by large tasks."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from shared.domain.estimate import input_cost
from shared.openai.model import ACTIVE
from tests.harness import ROOT, Installation, eventually, http

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

ONE_TASK = 1.5 * ACTIVE.expected_cost / 1e6
"""A budget in dollars that has room for one task at a time."""


@dataclass(frozen=True)
class Owner:
    """A caller with a token."""

    name: str
    secret: str
    installation: Installation

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        url = f"{self.installation.api_url}{path}"
        headers = {"Authorization": f"Bearer {self.secret}"}
        return http.request(method, url, headers=headers, timeout=30, **options)

    def get(self, path: str) -> Any:
        reply = self.ask("GET", path)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def submit(self, question: str) -> str:
        reply = self.ask("POST", "/v1/tasks", json={"input": question})
        assert reply.status_code == 202, reply.text
        return str(reply.json()["id"])

    def task(self, task_id: str) -> Any:
        return self.get(f"/v1/tasks/{task_id}")

    def until(self, task_id: str, field: str, value: object) -> Any:
        task = None

        def look() -> bool:
            nonlocal task
            task = self.task(task_id)
            return bool(task[field] == value)

        eventually(look, f"{field} of {task_id} is {value}")
        return task


def tokens(installation: Installation, *arguments: str, **environment: str) -> str:
    """Run the tokens command; what it prints on standard output."""
    argv = [sys.executable, "-m", "services.api.auth", *arguments]
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "BACKBURNER_TOKENS_FILE": str(installation.folder / "tokens.toml"),
        "BACKBURNER_PROVIDER": "simulator",
        **environment,
    }
    done = subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 -- our own command
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def add(installation: Installation, name: str, *arguments: str) -> Owner:
    return Owner(name, tokens(installation, "add", name, *arguments), installation)


def start(installation: Installation, budget: float) -> tuple[Owner, Owner]:
    """An installation with an admin, and Alice with a budget."""
    admin = add(installation, "ops", "--admin")
    alice = add(installation, "alice", "--daily-budget-usd", f"{budget:f}")
    installation.valkey()
    installation.simulator()
    installation.poller()
    installation.api(BACKBURNER_TOKENS_FILE=str(installation.folder / "tokens.toml"))
    return admin, alice


def record(installation: Installation, task_id: str, field: str) -> str:
    value = installation.store.hget(f"backburner:task:{task_id}", field)
    return value.decode() if value else ""


def try_all_now(installation: Installation) -> None:
    """What waits for its next try has it at once."""
    queue = "backburner:queue:simulator"
    for job in installation.store.zrange(queue, 0, -1):
        installation.store.zadd(queue, {job: time.time() * 1000}, xx=True)


@pytest.mark.parametrize("api_runs", [True, False])
def test_whose_token_is_revoked_spends_nothing_until_there_is_another(
    installation: Installation, *, api_runs: bool
) -> None:
    _, alice = start(installation, ONE_TASK)
    first = alice.submit("Why? [simulate: takes 4 s]")
    alice.until(first, "status", "in_progress")
    waiting = [alice.submit("And why that?") for _ in range(5)]
    for task_id in waiting:
        alice.until(task_id, "paused", "budget")

    if api_runs:
        tokens(installation, "revoke", "alice")
        eventually(lambda: alice.ask("GET", "/v1/tasks").status_code == 401, "it is refused")
    else:
        installation.processes[-1].stop()
        tokens(installation, "revoke", "alice", REDIS_URL=installation.redis_url)

    eventually(lambda: record(installation, first, "status") == "completed", "the first ends")
    for task_id in waiting:
        eventually(lambda: record(installation, task_id, "paused") == "no_token", "it waits")  # noqa: B023 -- called before the next one
    assert len(installation.ledger()) == 1

    again = add(installation, "alice")
    if not api_runs:
        installation.api(BACKBURNER_TOKENS_FILE=str(installation.folder / "tokens.toml"))
    eventually(lambda: again.ask("GET", "/v1/tasks").status_code == 200, "the token is valid")
    try_all_now(installation)
    for task_id in waiting:
        assert again.until(task_id, "status", "completed")["paused"] is None


def test_revoke_cancel_cancels_what_waits_and_nothing_that_was_sent(
    installation: Installation,
) -> None:
    admin, alice = start(installation, ONE_TASK)
    bob = add(installation, "bob", "--daily-budget-usd", "0.01")
    sent = alice.submit("Why? [simulate: never ends]")
    alice.until(sent, "status", "in_progress")
    waiting = [alice.submit("And why that?") for _ in range(3)]
    eventually(lambda: bob.ask("GET", "/v1/tasks").status_code == 200, "Bob's token is valid")
    others = bob.submit("And mine?")

    tokens(installation, "revoke", "--cancel", "alice", REDIS_URL=installation.redis_url)

    assert {admin.task(task_id)["status"] for task_id in waiting} == {"cancelled"}
    assert admin.task(sent)["status"] == "in_progress"
    assert admin.task(others)["status"] == "queued"


def test_a_rotated_token_leaves_no_moment_without_owner_or_budget(
    installation: Installation,
) -> None:
    admin, alice = start(installation, ONE_TASK)
    waiting = [alice.submit("Why? [simulate: takes 1 s]") for _ in range(4)]

    renewed = Owner("alice", tokens(installation, "rotate", "alice"), installation)

    eventually(lambda: renewed.ask("GET", "/v1/tasks").status_code == 200, "the new one is valid")
    assert alice.ask("GET", "/v1/tasks").status_code == 401

    def settled() -> Any:
        found = [renewed.task(task_id) for task_id in waiting]
        assert {task["paused"] for task in found} <= {None, "budget"}
        (budget,) = admin.get("/v1/spending")["today"]["owners"]
        assert (budget["owner"], budget["budget_usd"]) == ("alice", ONE_TASK)
        under_way = [each for each in found if not (each["completed_at"] or each["paused"])]
        return budget["spent_usd"] if not (under_way or budget["reserved_usd"]) else None

    assert 0 < eventually(settled, "the budget has no room for another task") <= ONE_TASK


def test_what_is_cancelled_while_it_runs_is_paid_for_by_the_budget(
    installation: Installation,
) -> None:
    _, alice = start(installation, ONE_TASK)
    task_id = alice.submit("Why? [simulate: never ends]")
    alice.until(task_id, "status", "in_progress")
    alice.ask("POST", f"/v1/tasks/{task_id}/cancel")
    eventually(lambda: alice.task(task_id)["receipt"]["settled"], "it is settled")

    second = alice.submit("Once more? [simulate: never ends]")

    alice.until(second, "paused", "budget")
    assert len(installation.ledger()) == 1
    task, spending = alice.task(task_id), alice.get("/v1/spending")
    assert task["cost_usd"] is None
    assert task["estimated_cost_usd"] == pytest.approx(ACTIVE.expected_cost / 1e6, rel=0.01)
    counted = f"the budget counts ${ACTIVE.expected_cost / 1e6:.2f}"
    assert counted in task["receipt"]["message"]
    assert spending["total"]["cost_usd"] == 0
    assert spending["total"]["estimated_usd"] == task["estimated_cost_usd"]
    assert spending["today"]["owners"][0]["spent_usd"] == task["estimated_cost_usd"]


def test_a_large_task_is_sent_only_where_the_budget_has_room_for_its_input(
    installation: Installation,
) -> None:
    large = "word " * 200_000 + "[simulate: never ends]"
    its_input, its_output = input_cost(len(large)) / 1e6, ACTIVE.expected_cost / 1e6
    _, alice = start(installation, 1.5 * its_input + 2 * its_output)
    tasks = [alice.submit(large) for _ in range(4)]

    def sent() -> list[dict[str, Any]]:
        return [task for task in map(alice.task, tasks) if task["status"] == "in_progress"]

    eventually(
        lambda: sent() and sum(alice.task(task_id)["paused"] == "budget" for task_id in tasks) == 3,
        "the others wait for the budget",
    )
    assert len(installation.ledger()) == len(sent()) == 1
    small = alice.submit("Why? [simulate: never ends]")
    alice.until(small, "status", "in_progress")
    assert (
        alice.get("/v1/spending")["today"]["owners"][0]["reserved_usd"]
        >= its_input + 2 * its_output
    )
