"""Pollers are killed and a receiver fails: row 46 of docs/reliability.md."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest

from tests.harness import Installation, Process, eventually, http
from tests.webhook_receiver import Receiver, receiving

pytestmark = [pytest.mark.integration, pytest.mark.slow]

TASKS = 300
KILL_EVERY_S = 3.0
MIN_KILLS = 5
PATIENCE_S = 240.0
ALLOW = {"BACKBURNER_WEBHOOK_ALLOW": "127.0.0.1"}
POLLER = {"WEBHOOK_DELAY_MS": "500", "BACKBURNER_SUBMIT_TIMEOUT": "1", **ALLOW}
ENDS = {"completed", "incomplete", "failed", "cancelled"}


@contextmanager
def pollers_killed(place: Installation, kills: list[Process]) -> Iterator[None]:
    """Two pollers, of which the older one is killed and replaced again and again."""
    alive = [place.poller("tests.webhook_poller", **POLLER) for _ in range(2)]
    over = Event()

    def kill() -> None:
        while not over.wait(KILL_EVERY_S):
            victim = alive.pop(0)
            victim.kill()
            kills.append(victim)
            alive.append(place.poller("tests.webhook_poller", ready=False, **POLLER))

    killer = Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        over.set()
        killer.join(60)


def endpoint(place: Installation, receiver: Receiver, **body: Any) -> str:
    reply = http.post(
        f"{place.api_url}/v1/webhook-endpoints", json={"url": receiver.url, **body}, timeout=30
    )
    assert reply.status_code == 201, reply.text
    receiver.secret = reply.json()["secret"]
    return str(reply.json()["id"])


def waiting(place: Installation) -> int:
    reply = http.get(f"{place.api_url}/v1/webhook-endpoints", timeout=30)
    return sum(each["waiting"] for each in reply.json()["data"])


@pytest.mark.timeout(560)
def test_row_46_every_event_arrives_although_pollers_are_killed_and_the_receiver_fails(
    installation: Installation,
) -> None:
    place = installation
    place.valkey()
    place.simulator()
    place.api(BACKBURNER_MAX_OPEN_TASKS=str(TASKS), **ALLOW)
    chance = random.Random(7)  # noqa: S311 -- the same failures in each run
    kills: list[Process] = []
    with receiving() as receiver:
        receiver.answer = lambda: chance.choice([204, 503])
        endpoint(place, receiver)
        with pollers_killed(place, kills):
            script = {0: " [simulate: failed]", 1: " [simulate: takes 600 s]"}
            ids = [
                place.submit(f"Question {number}{script.get(number % 10, '')}")["id"]
                for number in range(TASKS)
            ]
            for task_id in ids[1::10]:
                http.post(f"{place.api_url}/v1/tasks/{task_id}/cancel", timeout=30)
            settled: dict[str, str] = {}

            def all_settled() -> bool:
                for task_id in ids:
                    if settled.get(task_id) not in ENDS:
                        settled[task_id] = place.task(task_id)["status"]
                    if settled[task_id] not in {*ENDS, "unconfirmed"}:
                        time.sleep(0.2)
                        return False
                return len(kills) >= MIN_KILLS

            eventually(all_settled, "all tasks are settled", PATIENCE_S)
            eventually(lambda: waiting(place) == 0, "all events are confirmed", PATIENCE_S)
        assert receiver.rejected == 0
        assert receiver.failed > TASKS / 4
        told: dict[str, set[str]] = {}
        for event_id, events in receiver.confirmed.items():
            for event in events:
                assert event_id == f"evt_{event['data']['id'][5:]}_{event['data']['status']}"
                told.setdefault(event["data"]["id"], set()).add(event["data"]["status"])
    for task_id, status in settled.items():
        assert status in told[task_id], (task_id, status)
        assert told[task_id] <= {status, "unconfirmed"}, (task_id, status)
    assert told.keys() == set(ids)
    assert {"completed", "failed", "cancelled"} <= {each for some in told.values() for each in some}
