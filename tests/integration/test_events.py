"""News reaches every client of every replica, through kills, outages and restarts."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from random import Random
from threading import Event, Thread
from time import monotonic
from urllib.parse import urlsplit

import httpx
import pytest

from tests.event_stream import Message, messages
from tests.harness import Installation, eventually

pytestmark = [pytest.mark.integration, pytest.mark.thorough]


@contextmanager
def followed(url: str, last: int | None = None) -> Iterator[Iterator[str]]:
    """The lines of an event stream; the connection is cut off at the end, wherever it is."""
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    with httpx.stream("GET", f"{url}/v1/events", headers=headers, timeout=30) as reply:
        assert reply.status_code == 200
        yield reply.iter_lines()


@contextmanager
def busy(urls: list[str]) -> Iterator[None]:
    """Tasks are handed in and cancelled all the time, by all replicas in turn."""
    done = Event()

    def work() -> None:
        with httpx.Client(timeout=30) as client:
            while not done.is_set():
                for url in urls:
                    task = client.post(f"{url}/v1/tasks", json={"input": "Why?"}).json()
                    client.post(f"{url}/v1/tasks/{task['id']}/cancel")

    worker = Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        done.set()
        worker.join()


@pytest.mark.parametrize("kills", [20, pytest.param(100, marks=pytest.mark.slow)])
def test_a_client_killed_and_resumed_misses_nothing_and_sees_nothing_twice(
    kills: int, installation: Installation
) -> None:
    """On two replicas in turn, after any number of lines, while there is news all the time."""
    installation.valkey()
    urls = []
    for _ in range(2):
        installation.api()
        urls.append(installation.api_url)
    random = Random(kills)  # noqa: S311 -- any numbers will do
    seen = [0]
    with busy(urls):
        for kill in range(kills):
            with followed(urls[kill % 2], seen[-1]) as lines:
                some = islice(lines, random.randint(1, 60))
                seen += [message.id for message in messages(some) if message.event == "task"]  # type: ignore[misc] -- a task's event has a number
    latest = int(installation.store.get("backburner:change_counter") or 0)
    with followed(urls[0], seen[-1]) as lines:
        for message in messages(lines):
            if message.id is not None:
                seen.append(message.id)
            if seen[-1] == latest:
                break

    assert latest > 3 * kills
    assert seen == [*range(latest + 1)]


def test_every_step_of_a_task_reaches_the_clients_of_every_replica(
    installation: Installation,
) -> None:
    installation.all()
    other = installation.api_url
    installation.api()
    with followed(other) as there, followed(installation.api_url) as here:
        task_id = installation.submit("Who hears of it?")["id"]
        installation.ended(task_id)
        latest = int(installation.store.get("backburner:change_counter") or 0)
        heard = [_until(latest, messages(lines)) for lines in (there, here)]
    for told in heard:
        assert [message.id for message in told[1:]] == [*range(1, latest + 1)]
        assert {message.data["id"] for message in told[1:]} == {task_id}
        states = [message.data["status"] for message in told[1:]]
        assert states[-1] == "completed"
        assert sorted(states, key=_ORDER.index) == states


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_streams_and_waits_end_at_once_when_the_server_stops(
    number: signal.Signals, installation: Installation
) -> None:
    installation.valkey()
    api = installation.api()
    task_id = installation.submit("Wait for it")["id"]
    with followed(installation.api_url) as lines, _connected(installation.api_url) as waiting:
        told = messages(lines)
        assert next(told).event == "hello"
        # It is asked for a body, which it does not have, once it listens for the client's leaving.
        _send(waiting, f"/v1/tasks/{task_id}", "Prefer: wait=60", "Expect: 100-continue")
        assert waiting.recv(1024).startswith(b"HTTP/1.1 100")
        begun = monotonic()
        assert api.stop(number) == 0
        assert monotonic() - begun < 3
        assert [message.event for message in told] == ["shutdown"]
        assert waiting.recv(1024).startswith(b"HTTP/1.1 200")
    assert "Traceback" not in api.output
    assert "running task" not in api.output  # nothing had to be cut off


def test_a_store_that_is_away_for_a_while_costs_no_client_its_stream_or_an_event(
    installation: Installation,
) -> None:
    valkey = installation.valkey()
    api = installation.api()
    with followed(installation.api_url) as lines:
        told = messages(lines)
        assert next(told).event == "hello"
        installation.submit("Before")
        valkey.kill()
        eventually(lambda: "event_read_failed" in api.output, "the reader notices")
        away = httpx.get(f"{installation.api_url}/v1/events", timeout=20)
        assert (away.status_code, away.headers["retry-after"]) == (503, "5")
        assert away.headers["content-type"] == "application/problem+json"
        installation.valkey(urlsplit(installation.redis_url).port)
        installation.submit("After")
        seen = list(islice(told, 2))
    assert [(message.id, message.data["title"]) for message in seen] == [
        (1, "Before"),
        (2, "After"),
    ]


@pytest.mark.slow
def test_a_client_that_stops_reading_is_cut_off_and_its_place_is_free(
    installation: Installation,
) -> None:
    """It keeps its connection, and its machine goes on saying that there is no room."""
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        pytest.skip("cutting off who reads nothing needs Linux's TCP_USER_TIMEOUT")
    installation.valkey()
    installation.api(BACKBURNER_MAX_EVENT_SUBSCRIBERS="1", BACKBURNER_MAX_OPEN_TASKS="100000")
    url = f"{installation.api_url}/v1/events"
    with _connected(installation.api_url) as stuck:
        _send(stuck, "/v1/events")
        assert stuck.recv(12) == b"HTTP/1.1 200"
        assert _status(url) == 503
        with busy([installation.api_url]):
            eventually(lambda: _status(url) == 200, "its place is free", 90)


_ORDER = ["queued", "submitting", "in_progress", "completed"]


def _connected(url: str) -> socket.socket:
    """A connection that takes little before it is read."""
    address = urlsplit(url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((address.hostname, address.port))
    return connection


def _send(connection: socket.socket, path: str, *headers: str) -> None:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
    connection.sendall("\r\n".join(lines).encode())


def _until(latest: int, told: Iterator[Message]) -> list[Message]:
    seen = [next(told)]
    while seen[-1].id != latest:
        seen.append(next(told))
    return seen


def _status(url: str) -> int:
    with httpx.stream("GET", url) as reply:
        return reply.status_code
