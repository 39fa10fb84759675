"""What servers that are only nearly OpenAI's answer is read as it is meant, or not at all."""

from http import HTTPStatus

import pytest

from tests.harness import Installation, eventually, http

pytestmark = [pytest.mark.integration, pytest.mark.thorough]


@pytest.mark.parametrize(
    "dialect",
    [
        *("litellm ids", "azure ids", "dash ids", "encoded ids"),
        *("another id", "no id", "plain content", "synchronous, forgotten"),
    ],
)
def test_the_answer_is_kept_and_can_be_deleted_or_forgotten(
    running: Installation, dialect: str
) -> None:
    task = running.ended(running.submit(f"Who speaks? [simulate: {dialect}]")["id"])
    assert (task["status"], task["answer_kind"]) == ("completed", "text")
    assert task["output_text"].rstrip().endswith("no model was asked and nothing was paid.*")
    assert task["cost_usd"] > 0
    assert len(running.posts(task["id"])) == 1
    if "forgotten" not in dialect:
        url = f"{running.api_url}/v1/tasks/{task['id']}"
        eventually(lambda: http.delete(url).status_code == HTTPStatus.OK, "it is deleted")
        assert http.delete(url).json()["provider"]["outcome"] == "deleted"


def test_an_id_of_another_form_is_adopted_and_cancelled(running: Installation) -> None:
    running.fault("accept_then_drop", "create")
    unsure = running.submit("Which? [simulate: encoded ids, takes 60 s]")
    task_id = running.until(unsure["id"], "unconfirmed")["id"]
    (post,) = running.posts(task_id)
    body = {"response_id": post["response_id"]}
    http.post(f"{running.api_url}/v1/tasks/{task_id}/adopt", json=body).raise_for_status()
    assert running.until(task_id, "in_progress")["response_id"] == post["response_id"]
    http.post(f"{running.api_url}/v1/tasks/{task_id}/cancel").raise_for_status()
    eventually(lambda: running.posts(task_id)[0]["cancels"] == 1, "it is stopped there")


def test_several_messages_are_apart_and_their_sources_stay_in_place(running: Installation) -> None:
    task = running.ended(running.submit("Sources? [simulate: several messages]")["id"])
    first, blank, rest = task["output_text"].split("\n", 2)
    assert (first, blank) == ("First, the plan.", "")
    assert rest
    for source in task["citations"]:
        cited = task["output_text"][source["start_index"] : source["end_index"]]
        assert source["url"] in cited


def test_zeros_for_usage_are_an_unknown_cost(running: Installation) -> None:
    task = running.ended(running.submit("For nothing? [simulate: zero usage]")["id"])
    assert (task["status"], task["usage"], task["cost_usd"]) == ("completed", None, None)
    assert task["estimated_cost_usd"] > 0


@pytest.mark.parametrize(
    ("dialect", "reason"),
    [
        ("html pages", "unreadable"),
        ("mislabelled gzip", "unreadable"),
        ("accepted", "202"),
        ("foreign id", "another_response"),
    ],
)
def test_what_is_not_the_tasks_response_is_an_unanswered_poll_with_its_reason(
    running: Installation, dialect: str, reason: str
) -> None:
    task_id = running.submit(f"And now? [simulate: {dialect}]")["id"]
    (poller,) = [process for process in running.processes if process.name == "poller"]

    def unanswered() -> bool:
        lines = [line for line in poller.output.splitlines() if "poll_unanswered" in line]
        return any(task_id in line and reason in line for line in lines)

    eventually(unanswered, "the log names the reason")
    task = running.task(task_id)
    assert (task["status"], task["output_text"]) == ("in_progress", None)
    http.post(f"{running.api_url}/v1/tasks/{task_id}/cancel").raise_for_status()
    eventually(lambda: running.task(task_id)["polls"] > task["polls"] + 1, "it is looked at")
    assert running.task(task_id)["receipt"]["cancellation"] == "pending"
    assert running.posts(task_id)[0]["cancels"] == 0
