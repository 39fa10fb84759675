"""What clients can do to it: rows 36 to 41 and 44 of docs/reliability.md."""

import asyncio
import resource
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from services.api.bootstrap.socket import raise_fd_limit
from tests.harness import Installation, eventually, http

pytestmark = pytest.mark.integration


async def at_once(place: Installation, requests: list[dict[str, Any]]) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=len(requests))
    async with httpx.AsyncClient(base_url=place.api_url, limits=limits, timeout=60) as client:
        return await asyncio.gather(*(client.post(**request) for request in requests))


async def test_row_36_one_key_a_hundred_times_at_once_is_one_task(running: Installation) -> None:
    request = {
        "url": "/v1/tasks",
        "json": {"input": "Only once"},
        "headers": {"Idempotency-Key": "row 36"},
    }
    replies = await at_once(running, [request] * 100)

    assert {reply.status_code for reply in replies} == {202}
    (task_id,) = {reply.json()["id"] for reply in replies}
    assert {reply.headers["location"] for reply in replies} == {f"/v1/tasks/{task_id}"}
    assert sum(reply.headers.get("idempotent-replayed") == "true" for reply in replies) == 99
    running.ended(task_id)
    assert len(running.posts(task_id)) == 1
    (other,) = await at_once(running, [{**request, "json": {"input": "Something else"}}])
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_row_37_cancel_races_completion_and_one_of_them_wins(running: Installation) -> None:
    """From one that ends at once to one that would take a minute: both ends must occur."""
    seconds = [0.1 * 1.25**number for number in range(30)]
    tasks = [running.submit(f"Race [simulate: takes {each:.1f} s]")["id"] for each in seconds]
    running.until(tasks[0], "completed")

    replies = await at_once(running, [{"url": f"/v1/tasks/{task_id}/cancel"} for task_id in tasks])

    told = {
        task_id: reply.json()["status"] if reply.status_code == 200 else "completed"
        for task_id, reply in zip(tasks, replies, strict=True)
    }
    assert {reply.status_code for reply in replies} == {200, 409}
    for task_id in tasks:
        assert running.ended(task_id)["status"] == told[task_id]
        assert sum(post["status"] == 200 for post in running.posts(task_id)) <= 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"input":"' + b"a" * 5_000_000 + b'"}', 413),
        (b'{"input":' + b"[" * 15_000 + b"]" * 15_000 + b"}", 400),
        (b'{"input":"\xff\xfe"}', 400),
        (b'{"input":"\\ud800"}', 422),
        (b'{"input":[' + b'{"role":"user","content":"a"},' * 5000 + b"{}]}", 422),
        (b"", 422),
    ],
    ids=["oversized", "nested", "not UTF-8", "half a character", "too many messages", "nothing"],
)
def test_row_39_what_cannot_be_taken_is_a_problem_and_leaves_nothing(
    running: Installation, body: bytes, status: int
) -> None:
    before = running.store.get("backburner:sequence")

    reply = http.post(
        f"{running.api_url}/v1/tasks", content=body, headers={"content-type": "application/json"}
    )

    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert running.store.get("backburner:sequence") == before


def test_row_40_a_thousand_clients_that_vanish_leave_nothing_open(
    installation: Installation,
) -> None:
    """The allocator keeps what the first crowd needed; the second has no need of more."""
    installation.valkey()
    process = Path(f"/proc/{installation.api().popen.pid}")
    if not process.exists():
        pytest.skip("looking into another process needs Linux's /proc")
    raise_fd_limit(1000)
    before = _count(process / "fd")
    _crowd(installation, process, before)
    kept = _memory(process)

    _crowd(installation, process, before)

    assert _memory(process) < 1.1 * kept
    assert http.get(f"{installation.api_url}/healthz").is_success


def test_row_41_a_pickle_in_the_queue_runs_nothing(running: Installation) -> None:
    """Unpickled, this payload would make a file."""
    trap = running.folder / "sprung"
    payload = f"cos\nsystem\n(S'touch {trap}'\ntR.".encode()
    store = running.store
    store.set("arq:job:trap", payload)
    store.zadd("backburner:queue:simulator", {"trap": 1})

    eventually(lambda: not store.exists("arq:job:trap"), "the worker drops it")
    assert running.ended(running.submit("Unharmed?")["id"])["status"] == "completed"
    assert not trap.exists()


@pytest.mark.slow
def test_row_44_a_task_for_the_simulator_never_meets_a_real_key(
    installation: Installation,
) -> None:
    """A poller for OpenAI works on the same store: it leaves the simulator's tasks alone."""
    installation.valkey()
    installation.simulator()
    installation.api()
    simulated = installation.submit("Made up, please")["id"]
    there = installation.simulator_url
    # Nobody listens there: the first request to it would be said in the log.
    real = installation.poller(
        BACKBURNER_PROVIDER="openai", OPENAI_BASE_URL="http://127.0.0.1:9/v1"
    )
    installation.api(BACKBURNER_PROVIDER="openai")
    paid = installation.submit("For money")["id"]

    eventually(lambda: "submission_retry_scheduled" in real.output, "it works on its own task")
    assert simulated not in real.output
    assert installation.task(simulated)["status"] == "queued"
    installation.simulator_url = there
    installation.poller()
    assert installation.ended(simulated)["status"] == "completed"
    assert installation.task(paid)["status"] in ("queued", "submitting")


def test_row_44_a_poller_at_the_wrong_provider_does_not_start(installation: Installation) -> None:
    installation.valkey()
    installation.simulator()

    with pytest.raises(AssertionError):
        installation.poller(BACKBURNER_PROVIDER="openai")

    assert installation.processes[-1].popen.returncode == 1
    assert "OPENAI_BASE_URL leads to another provider" in installation.processes[-1].output


def _crowd(place: Installation, process: Path, before: int) -> None:
    """A thousand clients follow the events, and are gone from one moment to the next."""
    address = urlsplit(place.api_url)
    clients = [socket.create_connection((address.hostname, address.port)) for _ in range(1000)]
    for client in clients:
        client.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for client in clients:
        with client.makefile() as lines:
            assert "event: hello\n" in iter(lines.readline, "")
    assert _count(process / "fd") >= before + 1000
    for client in clients:
        client.close()
    # What is left are the connections to the store that a crowd needs.
    eventually(lambda: _count(process / "fd") < before + 10, "descriptors return")


def _memory(process: Path) -> int:
    """Bytes that are resident."""
    pages = int((process / "statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _count(descriptors: Path) -> int:
    return sum(1 for _ in descriptors.iterdir())
