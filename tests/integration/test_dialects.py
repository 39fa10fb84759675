"""In every dialect a task ends, or says within two polls why it does not."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from services.simulator.dialects import DIALECTS
from tests.harness import Installation, eventually, http

pytestmark = pytest.mark.integration

ENDED = {"completed", "incomplete", "failed", "cancelled"}
POLLS = 3
QUESTION = "Compare sourdough and rye."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("dialects")) as pieces:
        yield pieces.all()


def told(place: Installation, task_id: str) -> dict[str, Any] | None:
    """The task once it has ended or says why not; None while it had fewer than two polls."""
    task = place.task(task_id)
    settled = task["status"] in ENDED or task["status"] == "unconfirmed"
    return task if settled or task["waiting"] or task["polls"] >= POLLS else None


def _progress_says_so(place: Installation, task_id: str) -> bool:
    """Whether /progress has the reason; another poll may change both in between."""

    def look() -> bool:
        progress = http.get(f"{place.api_url}/v1/tasks/{task_id}/progress").json()["message"]
        waiting = place.task(task_id)["waiting"]
        return waiting is None or waiting["message"].rstrip(".") in progress

    return bool(eventually(look, f"the progress of {task_id} has its reason", 5))


def complaint(place: Installation, task: dict[str, Any]) -> str | None:
    """What is missing where people look for the reason of an open task."""
    if task["status"] in ENDED:
        return None
    if task["status"] == "unconfirmed":
        return None if task["error"]["message"] else "unconfirmed without a reason"
    if not task["waiting"]:
        return f"{task['status']} after {task['polls']} polls without a reason"
    if not _progress_says_so(place, task["id"]):
        return "/progress does not say so"
    kinds = {each["kind"] for each in http.get(f"{place.api_url}/readyz").json()["issues"]}
    return None if kinds & {"tasks_waiting", "provider_refuses"} else f"/readyz names {kinds}"


def check(place: Installation, spoken: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Submit a task in each of the dialects; the tasks as they were when they were told."""
    ids = {words: place.submit(f"{QUESTION} [simulate: {words}]")["id"] for words in spoken}
    found = {
        words: eventually(lambda task_id=task_id: told(place, task_id), f"{words}: it is told")
        for words, task_id in ids.items()
    }
    complaints = {words: complaint(place, task) for words, task in found.items()}
    assert {words: said for words, said in complaints.items() if said} == {}
    taken = {words: [post["status"] for post in place.posts(ids[words])] for words in spoken}
    assert {words: posts for words, posts in taken.items() if posts.count(200) > 1} == {}
    return found


def test_an_answer_in_the_reply_is_kept_and_a_page_is_told(place: Installation) -> None:
    found = check(place, ["synchronous, forgotten, bare 404s", "html pages"])
    assert [task["status"] for task in found.values()] == ["completed", "in_progress"]
    assert [bool(task["output_text"]) for task in found.values()] == [True, False]


@pytest.mark.thorough
def test_no_task_is_in_progress_without_a_reason(place: Installation) -> None:
    alone = sorted(DIALECTS.keys() - {"no models"})
    envelopes = [name for name in alone if "errors" in name or "code" in name or "404" in name]
    combined = [f"{what}, {name}" for what in ("forgotten", "refused") for name in envelopes]
    found = check(place, [*alone, *combined])
    statuses = {words: task["status"] for words, task in found.items()}
    answered = ("ids", "another id", "several messages", "plain content", "zero usage")
    expected = {name: "completed" for name in alone if name.endswith(answered)}
    assert {name: statuses[name] for name in expected} == expected


@pytest.mark.thorough
def test_a_server_without_models_gets_tasks_all_the_same(installation: Installation) -> None:
    installation.valkey()
    installation.simulator(BACKBURNER_SIMULATOR_DIALECT="no models, bare 404s, azure ids")
    installation.poller()
    installation.api()
    task = installation.ended(installation.submit(QUESTION)["id"])
    assert task["status"] == "completed"
    assert task["response_id"].startswith("caresp_")
