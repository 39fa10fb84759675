"""The Python client against a real Backburner: what programs rely on."""

import pytest

from backburner import Client
from tests.harness import Installation
from tests.lossy_proxy import LossyProxy

pytestmark = pytest.mark.integration

QUESTION = "Write a short offshoot to the lina trilogy."


def test_a_reply_that_is_lost_makes_no_second_task(running: Installation) -> None:
    port = int(running.api_url.rpartition(":")[2])
    with LossyProxy(port) as network, Client(f"http://127.0.0.1:{network.port}") as client:
        lost = network.spoil("reply lost", b"POST /v1/tasks")
        task = client.submit("Is anybody there, at most once?", title="At most once")
        assert lost.is_set()
        assert task.replayed
        titles = [each.title for each in client.page(limit=20).data]
    assert titles.count("At most once") == 1


def test_a_program_sees_its_task_go_on_to_its_end_and_no_other(running: Installation) -> None:
    with Client(running.api_url) as client:
        events = client.events()
        assert next(events).kind == "hello"
        task = client.submit(QUESTION)
        mine = (event.task for event in events if event.task and event.task.id == task.id)
        statuses = []
        for seen in mine:
            statuses.append(seen.status)
            if seen.ended:
                break
    # Each as it is when it is read: what lasts a moment may have passed.
    assert statuses == sorted(
        statuses, key=["queued", "submitting", "in_progress", "completed"].index
    )
    assert statuses[-1] == "completed"
    assert "in_progress" in statuses


def test_a_program_that_stopped_reads_on_where_it_was(running: Installation) -> None:
    with Client(running.api_url) as client:
        place = next(client.events()).id
        first, second = client.submit("First?"), client.submit("Second?")
        # An event tells of its task as it is by then, which may have moved on.
        named = (event.task.id for event in client.events(last_event_id=place) if event.task)
        ours = (name for name in named if name in (first.id, second.id))
        found = [next(ours)]
        found.append(next(name for name in ours if name not in found))
    assert found == [first.id, second.id]
