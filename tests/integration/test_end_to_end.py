"""The main job, end to end: a conversation goes in, its answer comes out, and it was paid once."""

from pathlib import Path

import pytest

from shared.openai.model import ACTIVE
from tests.harness import Installation, eventually, http
from tests.shared.example import EXAMPLE_COST_USD

pytestmark = pytest.mark.integration

EXAMPLE_INPUT = [
    {
        "role": "developer",
        "content": [
            {
                "type": "input_text",
                "text": "You are a creative and talented storyteller, as well as an experienced"
                " critique and connoisseur of literary works.",
            }
        ],
    },
    {
        "role": "user",
        "content": [
            {
                "type": "input_text",
                "text": "Give me a short critique of the lina trilogy and the afterword.",
            }
        ],
    },
    {
        "role": "assistant",
        "content": [{"type": "output_text", "text": "Overall\nThe Lina Trilogy is a rare thing."}],
    },
    {
        "role": "user",
        "content": [{"type": "input_text", "text": "Write a short offshoot to the lina trilogy."}],
    },
]

EXAMPLE_ANSWER = (
    "Offshoot: Witness Night\n\n"
    "The first time Mara held the Shard box, it smelled like dust and aspirin.\n\n"
    "It was a lunch\u2011cooler\u2011sized case with a rubber gasket and a red toggle under a"
    " transparent cap."
)


def test_the_example_conversation_gets_exactly_the_example_answer(running: Installation) -> None:
    task = running.ended(running.submit(EXAMPLE_INPUT)["id"])  # type: ignore[arg-type]  # -- also a list

    assert (task["status"], task["error"]) == ("completed", None)
    assert task["output_text"] == EXAMPLE_ANSWER
    assert task["usage"]["output_tokens_details"] == {"reasoning_tokens": 2560}
    assert task["cost_usd"] == EXAMPLE_COST_USD
    assert ACTIVE.includes(task["model"])
    assert task["model_note"] is None
    assert task["input"] == EXAMPLE_INPUT


def test_the_post_is_the_fixed_request_with_nothing_added_but_the_task_id(
    running: Installation,
) -> None:
    task = running.submit(EXAMPLE_INPUT)  # type: ignore[arg-type]  # -- also a list
    running.ended(task["id"])

    (entry,) = running.posts(task["id"])
    assert entry["body"] == {
        "model": ACTIVE.name,
        "input": EXAMPLE_INPUT,
        "text": {"format": {"type": "text"}},
        "reasoning": ACTIVE.request["reasoning"],
        "tools": [
            {
                "type": "web_search",
                "user_location": {"type": "approximate"},
                "search_context_size": "high",
            }
        ],
        "background": True,
        "metadata": {"task_id": task["id"]},
    }


def test_the_response_is_kept_byte_for_byte(running: Installation) -> None:
    task = running.ended(running.submit("Explain the tides.")["id"])

    kept = http.get(f"{running.api_url}/v1/tasks/{task['id']}/response").content
    there = http.get(
        f"{running.simulator_url}/v1/responses/{task['response_id']}",
        headers={"Authorization": "Bearer sk-simulator"},
    ).content
    assert kept == there


def test_a_word_nobody_knows_is_shown_and_polling_goes_on(running: Installation) -> None:
    task = running.submit("What is a sonnet? [simulate: unknown status, takes 5 s]")

    seen = eventually(
        lambda: now if (now := running.task(task["id"]))["polls"] >= 4 else None, "four polls"
    )
    assert seen["status"] == "in_progress"
    assert seen["provider_status"] not in (None, "queued", "in_progress")


def test_ten_tasks_survive_kill_9_of_the_only_poller_and_are_posted_once_each(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.simulator(BACKBURNER_SIMULATOR_RUN_SECONDS="8")
    poller = installation.poller()
    installation.api()
    tasks = [installation.submit(f"Question {number}")["id"] for number in range(10)]
    for task_id in tasks:
        installation.until(task_id, "in_progress")

    poller.kill()
    assert {installation.task(task_id)["status"] for task_id in tasks} == {"in_progress"}
    installation.poller()

    ended = [installation.ended(task_id) for task_id in tasks]
    assert {task["status"] for task in ended} == {"completed"}
    posted = [entry["metadata"]["task_id"] for entry in installation.ledger()]
    assert sorted(posted) == sorted(tasks)


@pytest.mark.slow
def test_tasks_outlive_a_stop_of_everything(installation: Installation) -> None:
    installation.all()
    task_id = installation.submit("Will you be there tomorrow?")["id"]
    installation.until(task_id, "in_progress")
    for process in reversed(installation.processes):
        assert process.stop() == 0, process.output

    installation.all()

    assert installation.ended(task_id)["status"] == "completed"
    assert len(installation.posts(task_id)) == 1


def test_two_pollers_share_the_work_without_posting_twice(running: Installation) -> None:
    second = running.poller()
    tasks = [running.submit(f"Question {number}")["id"] for number in range(20)]

    assert {running.ended(task_id)["status"] for task_id in tasks} == {"completed"}
    assert [len(running.posts(task_id)) for task_id in tasks] == [1] * 20
    assert second.stop() == 0
    assert " job=" in second.output


def test_nothing_in_the_tree_calls_chat_completions() -> None:
    root = Path(__file__).parents[2]
    sources = [
        path
        for folder in ("shared", "services", "dev", "frontend")
        for path in (root / folder).rglob("*")
        if path.suffix in (".py", ".js", ".html")
    ]
    assert len(sources) > 50
    assert not [path for path in sources if "chat.completions" in path.read_text()]
    assert not [path for path in sources if "chat/completions" in path.read_text()]
