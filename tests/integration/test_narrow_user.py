"""A Redis user with the documented rights runs everything, and with fewer nothing half-way."""

import json
import secrets
from typing import Any

import pytest

from shared.store.rights import commands
from tests.harness import Installation, eventually, http
from tests.shared.store.test_trial import ACL_LINE

pytestmark = pytest.mark.integration
PASSWORD = secrets.token_hex(8)
LINE = ACL_LINE.replace("PASSWORD", PASSWORD)
NOT_OURS = {"acl", "auth", "client", "config", "eval", "ping", "select"}
"""Commands of the test itself, and those by which a connection introduces itself."""


@pytest.fixture
def admin(installation: Installation) -> Any:
    """The server's own user; the services get the narrow one."""
    installation.valkey()
    admin = installation.store
    admin.execute_command(*LINE.split())
    installation.redis_url = installation.redis_url.replace("//", f"//backburner:{PASSWORD}@")
    return admin


def written(admin: Any) -> tuple[list[bytes], bytes | None]:
    """What accepting a task leaves, half or whole."""
    return sorted(admin.keys("*task*") + admin.keys("arq:*")), admin.get("backburner:sequence")


@pytest.mark.thorough
def test_the_documented_rights_are_enough_for_a_whole_run(
    installation: Installation, admin: Any
) -> None:
    admin.config_resetstat()
    installation.simulator()
    installation.poller()
    installation.api()
    tasks = f"{installation.api_url}/v1/tasks"
    with http.stream("GET", f"{installation.api_url}/v1/events", timeout=30) as events:
        answered = installation.submit("What is a narrow user?")["id"]
        assert installation.ended(answered)["status"] == "completed"
        told = (json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data: {"))
        assert answered in next(each["id"] for each in told if each.get("id") == answered)
    stopped = installation.submit("Never [simulate: never ends]", parent_id=answered)["id"]
    installation.until(stopped, "in_progress")
    http.post(f"{tasks}/{stopped}/cancel").raise_for_status()
    assert installation.ended(stopped)["status"] == "cancelled"
    found = eventually(
        lambda: http.get(tasks, params={"q": "narrow"}).json().get("data"), "it is found"
    )
    assert [task["id"] for task in found] == [answered]
    http.patch(f"{tasks}/{answered}", json={"pinned": True}).raise_for_status()
    assert http.delete(f"{tasks}/{answered}").status_code == 202
    eventually(lambda: http.get(f"{tasks}/{answered}").status_code == 410, "it is deleted")
    assert http.get(f"{installation.api_url}/readyz").json()["issues"] == []
    assert [process.popen.poll() for process in installation.processes] == [None] * 4

    refused = {entry["object"] for entry in admin.acl_log()}
    assert refused <= {"client|setinfo"}
    used = {name.removeprefix("cmdstat_").partition("|")[0] for name in admin.info("commandstats")}
    assert used - NOT_OURS <= {str(command[0]).lower() for command in commands("")} | {
        *("info", "wait", "waitaof")
    }


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["api", "poller"])
@pytest.mark.parametrize("right", ["~arq:job:*", "+waitaof"])
def test_a_process_without_a_right_does_not_start_and_names_it(
    installation: Installation, admin: Any, name: str, right: str
) -> None:
    admin.execute_command("ACL", "DELUSER", "backburner")
    admin.execute_command(*LINE.replace(f" {right}", "").split())
    process = getattr(installation, name)(ready=False, OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert process.popen.wait(30) == 1
    [sentence] = process.output.splitlines()
    assert "cannot start: the store at REDIS_URL refuses what Backburner needs" in sentence
    assert right[1:].upper() in sentence.upper()
    assert "docs/operations.md" in sentence
    assert PASSWORD not in sentence


@pytest.mark.parametrize("right", ["~arq:job:*", "+waitaof", "-zadd", "-xadd"])
def test_a_right_that_is_lost_later_means_that_nothing_is_accepted_and_nothing_written(
    installation: Installation, admin: Any, right: str
) -> None:
    """NOPERM in the middle of a script or a pipeline would leave half a task."""
    api = installation.api()
    admin.execute_command("ACL", "DELUSER", "backburner")
    line = LINE.replace(f" {right}", "") if right[0] in "~+" else f"{LINE} {right}"
    admin.execute_command(*line.split())
    before = written(admin)

    reply = eventually(
        lambda: (
            (said := http.post(f"{installation.api_url}/v1/tasks", json={"input": "Now?"}))
            and "nothing was changed" in said.text
            and said
        ),
        "it is refused by the missing right",
    )

    assert reply.status_code == 503
    assert "may exist" not in reply.text
    assert written(admin) == before
    assert "store_right_missing" in api.output


@pytest.mark.parametrize(("right", "name"), [("~backburner:*", "backburner:*"), ("+time", "TIME")])
def test_readyz_names_at_once_what_keeps_it_from_looking(
    installation: Installation, admin: Any, right: str, name: str
) -> None:
    installation.api()
    admin.execute_command("ACL", "DELUSER", "backburner")
    admin.execute_command(*LINE.replace(f" {right}", "").split())
    state = eventually(
        lambda: (
            (said := http.get(f"{installation.api_url}/readyz").json())["issues"][0]["kind"]
            == "store_refuses"
            and said
        ),
        "the right is missing",
    )
    assert state["status"] == "unavailable"
    assert name in state["detail"]
    assert "does not answer" not in state["detail"]
