"""What a provider, or a gateway before it, refuses is told in its own words and waits its time."""

from typing import Any

import pytest

from tests.harness import Installation, eventually, http

pytestmark = pytest.mark.integration

PAGE = "<html><title>Deploying</title></html>"
UNSUPPORTED = "Country, region, or territory not supported"


def readiness(place: Installation) -> dict[str, Any]:
    return dict(http.get(f"{place.api_url}/readyz").json())


def test_a_retry_after_of_zero_is_no_reason_to_send_at_once(running: Installation) -> None:
    running.fault("rate_limited", "create", 2, retry_after=0)
    task = running.ended(running.submit("Too fast?")["id"])

    assert task["status"] == "completed"
    assert running.fired("rate_limited") == 2
    first, second, taken = (post["received_at"] for post in running.posts(task["id"]))
    assert second - first >= 2
    assert taken - second >= 4


def test_polls_that_get_a_bare_404_are_told_everywhere_until_one_is_answered(
    running: Installation,
) -> None:
    running.fault("reply", "retrieve", 12, status=404, text="")
    task_id = running.submit("Is it there?")["id"]

    task = eventually(lambda: (now := running.task(task_id))["waiting"] and now, "it is told")
    assert (task["status"], task["waiting"]["code"]) == ("in_progress", "404")
    assert task["waiting"]["attempts"] >= 2
    kinds = {issue["kind"]: issue["message"] for issue in readiness(running)["issues"]}
    assert "404" in kinds["tasks_waiting"]
    progress = http.get(f"{running.api_url}/v1/tasks/{task_id}/progress").json()
    assert "answered 404" in progress["message"]

    ended = running.ended(task_id)
    assert (ended["status"], ended["waiting"]) == ("completed", None)
    assert running.fired("reply") == 12
    assert "tasks_waiting" not in {issue["kind"] for issue in readiness(running)["issues"]}


def test_a_deletion_that_is_never_confirmed_is_completed_here_on_request(
    running: Installation,
) -> None:
    task_id = running.ended(running.submit("Delete me.")["id"])["id"]
    for operation in ("retrieve", "delete"):
        running.fault("reply", operation, 100, status=404, body={"detail": "Not Found"})
    url = f"{running.api_url}/v1/tasks/{task_id}"
    assert http.delete(url, params={"here_only": True}).status_code == 409
    http.delete(url)
    eventually(lambda: running.task(task_id)["deletion"]["attempts"], "an attempt is in vain")

    assert http.delete(url, params={"here_only": True}).status_code == 202
    receipt = eventually(
        lambda: (now := http.delete(url, params={"here_only": True})).status_code == 200 and now,
        "it is deleted",
    ).json()
    running.clear_faults()
    assert receipt["provider"]["outcome"] == "unknown"
    assert receipt["provider"]["response_id"] in receipt["provider"]["message"]


def test_another_projects_key_ends_no_task(running: Installation) -> None:
    ids = [running.submit(f"Number {n} [simulate: takes 4 s]")["id"] for n in range(2)]
    for task_id in ids:
        running.until(task_id, "in_progress")
    running.fault("not_found", "retrieve", 1000)

    def codes() -> set[str | None]:
        waiting = [running.task(task_id)["waiting"] for task_id in ids]
        return {each and each["code"] for each in waiting}

    eventually(lambda: codes() == {"all_missing"}, "both say that all are missing")
    issues = {issue["kind"]: issue["message"] for issue in readiness(running)["issues"]}
    assert "another project" in issues["tasks_waiting"]
    running.clear_faults()
    assert {running.ended(task_id)["status"] for task_id in ids} == {"completed"}


def test_a_single_task_outlives_the_key_of_another_project(installation: Installation) -> None:
    installation.valkey()
    installation.simulator()
    installation.api()
    first = installation.poller()
    task_id = installation.submit("Only me [simulate: takes 6 s]")["id"]
    installation.until(task_id, "in_progress")
    first.stop()
    installation.fault("not_found", "retrieve", 1000)
    other = installation.poller(OPENAI_PROJECT_ID="proj_of_another_team")

    def code() -> str | None:
        waiting = installation.task(task_id)["waiting"]
        return waiting and str(waiting["code"])

    eventually(lambda: code() == "other_account", "it says that the account is another one")
    assert installation.fired("not_found") >= 2
    issues = {issue["kind"]: issue["message"] for issue in readiness(installation)["issues"]}
    assert "another project" in issues["tasks_waiting"]
    other.stop()
    installation.clear_faults()
    installation.poller()
    assert installation.ended(task_id)["status"] == "completed"


def test_a_task_that_is_refused_for_now_says_why_and_until_when(running: Installation) -> None:
    refusal = {"error": {"message": "Slow down.", "code": "rate_limit_exceeded"}}
    running.fault("reply", "create", status=429, body=refusal)
    task_id = running.submit("May I?")["id"]

    waiting = eventually(lambda: running.task(task_id)["waiting"], "it says why it waits")
    assert (waiting["code"], waiting["attempts"]) == ("rate_limit_exceeded", 1)
    assert "Slow down." in waiting["message"]
    assert waiting["next_attempt_at"]
    assert running.ended(task_id)["status"] == "completed"


def test_a_gateways_page_instead_of_a_refusal_fails_no_task(running: Installation) -> None:
    running.fault("reply", "create", status=404, text=PAGE)
    task = running.ended(running.submit("Is the gateway up?")["id"])

    assert task["status"] == "completed"
    assert [post["status"] for post in running.posts(task["id"])] == [404, 200]


def test_a_gateways_page_instead_of_a_response_is_unconfirmed_and_said_to_be_one(
    running: Installation,
) -> None:
    running.fault("reply", "create", status=200, text=PAGE)
    task = running.until(running.submit("Was it sent?")["id"], "unconfirmed")

    assert "text/html" in task["error"]["message"]
    assert len(running.posts(task["id"])) == 1


def test_a_key_that_may_not_read_stops_no_submission(running: Installation) -> None:
    message = "You have insufficient permissions. Missing scopes: api.responses.read."
    running.fault("reply", "retrieve", 2, status=401, body={"error": {"message": message}})
    task = running.submit("May I read?")["id"]
    eventually(lambda: running.fired("reply") == 2, "two polls are refused")

    assert readiness(running)["paused"] is None
    assert running.ended(running.submit("And submit?")["id"])["status"] == "completed"
    assert running.ended(task)["status"] == "completed"


def test_a_server_without_models_is_used_and_its_refusal_is_passed_on(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.simulator()
    installation.fault("reply", "model", status=404, text=PAGE)
    poller = installation.poller()
    assert "model_not_checked" in poller.output
    installation.api()
    code = "unsupported_country_region_territory"
    refusal = {"error": {"message": UNSUPPORTED, "code": code, "type": "request_forbidden"}}
    installation.fault("reply", "create", status=403, body=refusal)

    task_id = installation.submit("Am I welcome?")["id"]
    task = eventually(
        lambda: (task := installation.task(task_id))["paused"] and task, "the task is paused"
    )

    assert (task["status"], task["paused"]) == ("queued", "provider_refuses")
    paused = readiness(installation)["paused"]
    assert paused["reason"] == "provider_refuses"
    assert UNSUPPORTED in paused["message"]
    assert UNSUPPORTED in task["waiting"]["message"]
    assert (paused["attempts"], task["waiting"]["attempts"]) == (1, 1)
    assert paused["next_attempt_at"]
    assert "OPENAI_API_KEY" not in paused["message"]
    assert installation.fired("reply") == 2
    assert UNSUPPORTED not in poller.output


def test_a_poller_that_refuses_to_start_leaves_no_connection_open(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.simulator()
    for operation in ("model", "retrieve"):
        installation.fault("reply", operation, status=404, text=PAGE)
    poller = installation.poller(ready=False, PYTHONWARNINGS="always::ResourceWarning")

    assert poller.popen.wait(30) == 1
    assert "has no Responses API" in poller.output
    assert "unclosed" not in poller.output
    assert installation.fired("reply") == 2


def test_a_prompt_that_a_gateway_always_refuses_waits_alone_and_says_why(
    running: Installation,
) -> None:
    filtered = running.submit("Drop the tables? [simulate: blocked]")["id"]
    eventually(lambda: len(running.posts(filtered)) >= 2, "it was refused twice")

    assert running.ended(running.submit("And the next one?")["id"])["status"] == "completed"
    task = running.task(filtered)
    assert (task["status"], task["paused"]) == ("queued", None)
    assert task["waiting"]["code"] == "blocked_by_policy"
    assert "refuses this task" in task["waiting"]["message"]
    assert task["waiting"]["next_attempt_at"]
    ready = readiness(running)
    assert ready["paused"] is None
    assert (
        "blocked_by_policy"
        in {each["kind"]: each["message"] for each in ready["issues"]}["tasks_waiting"]
    )
    assert {post["status"] for post in running.posts(filtered)} == {403}
    http.post(f"{running.api_url}/v1/tasks/{filtered}/cancel").raise_for_status()


@pytest.mark.parametrize("dialect", ["integer codes", "string errors", "detail errors"])
def test_a_refusal_is_told_in_its_own_words_whatever_its_form(
    running: Installation, dialect: str
) -> None:
    task = running.ended(running.submit(f"May I? [simulate: refused, {dialect}]")["id"])
    assert task["status"] == "failed"
    assert "names no reason" not in task["error"]["message"]
    assert len(running.posts(task["id"])) == 1


def test_a_refusal_that_is_a_page_is_waited_for_with_the_reason(running: Installation) -> None:
    task_id = running.submit("May I? [simulate: refused, html errors]")["id"]
    waiting = eventually(lambda: running.task(task_id)["waiting"], "it says why it waits")
    assert (waiting["code"], waiting["attempts"]) == ("http_400", 1)
    assert "text/html" in waiting["message"]
    http.post(f"{running.api_url}/v1/tasks/{task_id}/cancel").raise_for_status()


def test_a_server_of_bare_404s_without_models_answers_and_deletes(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.simulator(BACKBURNER_SIMULATOR_DIALECT="no models, bare 404s")
    installation.poller()
    installation.api()
    task = installation.ended(installation.submit("Anything?")["id"])
    assert task["status"] == "completed"

    url = f"{installation.api_url}/v1/tasks/{task['id']}"
    receipt = eventually(
        lambda: (now := http.delete(url)).status_code == 200 and now, "it is deleted"
    ).json()
    assert receipt["provider"]["outcome"] == "deleted"
