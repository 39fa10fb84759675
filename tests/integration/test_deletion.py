"""A deleted task is gone at the provider and here, however often somebody dies on the way."""

from typing import Any

import httpx
import pytest

from tests.harness import Installation, eventually, http

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

KEY = {"Authorization": "Bearer sk-simulator"}


def delete(place: Installation, task_id: str) -> httpx.Response:
    return http.delete(f"{place.api_url}/v1/tasks/{task_id}")


def receipt(place: Installation, task_id: str) -> dict[str, Any]:
    """What the deletion came to, once it is done."""

    def look() -> dict[str, Any] | None:
        reply = delete(place, task_id)
        return reply.json() if reply.status_code == httpx.codes.OK else None

    found: dict[str, Any] = eventually(look, f"{task_id} is deleted")
    return found


def there(place: Installation, response_id: str) -> int:
    """What the provider says of a response."""
    url = f"{place.simulator_url}/v1/responses/{response_id}"
    return http.get(url, headers=KEY).status_code


def left_here(place: Installation, task_id: str) -> set[str]:
    """The keys that name the task, but for jobs, which go by themselves."""
    names = {name.decode() for name in place.store.keys(f"*{task_id}*")}
    return {name for name in names if not name.startswith("arq:")}


def test_an_answered_task_is_deleted_there_and_here_with_a_receipt(running: Installation) -> None:
    task = running.ended(running.submit("Forget this")["id"])
    assert there(running, task["response_id"]) == 200

    assert delete(running, task["id"]).status_code == 202

    done = receipt(running, task["id"])
    assert done["provider"]["outcome"] == "deleted"
    assert done["provider"]["response_id"] == task["response_id"]
    assert there(running, task["response_id"]) == 404
    gone = http.get(f"{running.api_url}/v1/tasks/{task['id']}")
    assert (gone.status_code, gone.json()["receipt"]) == (410, done)
    assert left_here(running, task["id"]) == {f"backburner:tombstone:{task['id']}"}
    assert len(running.posts(task["id"])) == 1


def test_what_still_runs_there_is_stopped_first(running: Installation) -> None:
    running.fault("drop", "cancel", times=2)
    task_id = running.submit("Stop and forget [simulate: takes 60 s]")["id"]
    response_id = running.until(task_id, "in_progress")["response_id"]
    http.post(f"{running.api_url}/v1/tasks/{task_id}/cancel").raise_for_status()

    assert delete(running, task_id).status_code == 202

    done = receipt(running, task_id)
    assert done["provider"]["outcome"] == "deleted"
    assert "What it cost is not known" in done["provider"]["message"]
    assert running.fired("drop") == 2
    assert there(running, response_id) == 404
    (post,) = running.posts(task_id)
    assert post["cancels"] == 1


def test_a_provider_that_cannot_be_reached_is_waited_for_and_named(running: Installation) -> None:
    task = running.ended(running.submit("Patience")["id"])
    running.fault("drop", "delete", times=2)

    delete(running, task["id"])

    seen = eventually(
        lambda: running.task(task["id"])["deletion"]["problem"], "the problem is shown"
    )
    assert "The simulator does not answer" in seen
    done = receipt(running, task["id"])
    assert running.fired("drop") == 2
    assert done["provider"]["outcome"] == "deleted"


def test_a_given_up_task_says_by_what_it_can_be_found_there(running: Installation) -> None:
    running.fault("accept_then_drop", "create")
    task = running.until(running.submit("Who knows")["id"], "unconfirmed")
    assert delete(running, task["id"]).status_code == 409
    http.post(f"{running.api_url}/v1/tasks/{task['id']}/abandon").raise_for_status()

    delete(running, task["id"])

    done = receipt(running, task["id"])
    assert (done["provider"]["outcome"], done["provider"]["response_id"]) == ("unknown", None)
    assert task["id"] in done["provider"]["message"]
    assert task["client_request_id"] in done["provider"]["message"]
    assert left_here(running, task["id"]) == {f"backburner:tombstone:{task['id']}"}


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ("after delete", "already_gone"),
        ("before removal", "already_gone"),
        ("after removal", "deleted"),
    ],
)
def test_a_poller_killed_on_the_way_leaves_a_deletion_that_another_ends(
    installation: Installation, step: str, outcome: str
) -> None:
    installation.valkey()
    installation.simulator()
    installation.api()
    poller = installation.failing_poller(step)
    task = installation.ended(installation.submit("Kill me")["id"])
    headers = {"Idempotency-Key": "a key"}
    keyed = http.post(f"{installation.api_url}/v1/tasks", json={"input": "Keep"}, headers=headers)
    kept = installation.ended(keyed.json()["id"])

    delete(installation, task["id"])
    eventually(lambda: poller.popen.poll() is not None, "the poller dies")
    assert installation.failed(step) == 1
    assert there(installation, task["response_id"]) == 404
    if outcome == "already_gone":
        assert installation.task(task["id"])["deletion"]["problem"] is None
        installation.store.zadd(
            "backburner:sweep_queue:simulator", {task["id"]: 1}
        )  # a minute has passed
    installation.poller()

    done = receipt(installation, task["id"])
    assert done["provider"]["outcome"] == outcome
    assert ("An earlier attempt" in done["provider"]["message"]) == (outcome == "already_gone")
    assert left_here(installation, task["id"]) == {f"backburner:tombstone:{task['id']}"}
    assert installation.task(kept["id"]) == kept
    assert len(installation.posts(task["id"])) == 1


def test_the_store_of_before_brings_a_deleted_task_back_and_it_can_be_deleted_again(
    installation: Installation,
) -> None:
    installation.all()
    task = installation.ended(installation.submit("Lazarus")["id"])
    copy = {
        name: value
        for name in installation.store.keys("backburner:*")
        if installation.store.type(name) != b"stream"
        and (value := installation.store.dump(name))  # some expire meanwhile
    }
    delete(installation, task["id"])
    receipt(installation, task["id"])

    installation.store.delete(f"backburner:tombstone:{task['id']}")
    for name, value in copy.items():
        installation.store.restore(name, 0, value, replace=True)

    assert installation.task(task["id"])["output_text"]
    assert delete(installation, task["id"]).status_code == 202
    assert receipt(installation, task["id"])["provider"]["outcome"] == "already_gone"
