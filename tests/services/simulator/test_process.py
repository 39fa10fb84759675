"""The simulator as a process of its own: dropped connections, kill -9, webhooks, orderly ends."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

pytestmark = pytest.mark.integration

SECRET = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw=="
QUESTION: dict[str, Any] = {"model": "gpt-5-pro", "input": "Why?", "background": True}


def command(data_dir: Path, **environment: str) -> subprocess.Popen[str]:
    ours = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "BACKBURNER_DATA_DIR": str(data_dir),
        "BACKBURNER_SIMULATOR_PORT": "0",
        "BACKBURNER_LOG_FORMAT": "json",
        **environment,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "services.simulator"], env=ours, stderr=subprocess.PIPE, text=True
    )


class Process:
    """A running simulator; `url` is known once it listens."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.process = command(data_dir, **environment)
        assert self.process.stderr
        self.url: str = json.loads(self.process.stderr.readline())["url"].removesuffix("/v1")

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(10)
        assert self.process.stderr
        self.process.stderr.close()
        return code


Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Process] = []

    def run(**environment: str) -> Process:
        started.append(Process(tmp_path, **environment))
        return started[-1]

    yield run
    for running in started:
        if running.process.poll() is None:
            running.end(signal.SIGKILL)


@pytest.fixture
def instant(start: Start) -> Process:
    """One whose responses are completed at once."""
    return start(BACKBURNER_SIMULATOR_QUEUED_SECONDS="0", BACKBURNER_SIMULATOR_RUN_SECONDS="0")


@pytest.fixture
async def provider(instant: Process) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        api_key="sk-simulator", base_url=f"{instant.url}/v1", max_retries=0, timeout=5
    ) as client:
        yield client


@pytest.fixture
async def control(instant: Process) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{instant.url}/control") as client:
        yield client


async def test_the_providers_own_client_works_with_it(provider: openai.AsyncOpenAI) -> None:
    created = await provider.responses.create(**QUESTION, tools=[{"type": "web_search"}])
    answered = await provider.responses.retrieve(created.id)
    assert answered.status == "completed"
    assert "nothing was paid" in answered.output_text
    assert (await provider.responses.cancel(created.id)).status == "completed"
    items = await provider.responses.input_items.list(created.id)
    assert len(items.data) == 1
    assert (await provider.models.retrieve("gpt-5-pro")).id == "gpt-5-pro"
    await provider.responses.delete(created.id)
    with pytest.raises(openai.NotFoundError):
        await provider.responses.retrieve(created.id)


@pytest.mark.parametrize(("kind", "responses"), [("drop", 0), ("accept_then_drop", 1)])
async def test_a_dropped_create_sends_not_one_byte(
    kind: str, responses: int, provider: openai.AsyncOpenAI, control: httpx.AsyncClient
) -> None:
    await control.post("/faults", json={"kind": kind, "operation": "create"})
    with pytest.raises(openai.APIConnectionError) as lost:
        await provider.responses.create(**QUESTION)
    assert "without sending a response" in str(lost.value.__cause__)
    (entry,) = (await control.get("/requests")).json()["data"]
    assert entry["status"] == "dropped"
    assert [entry["response_id"] is not None].count(True) == responses
    assert (await provider.responses.create(**QUESTION)).id


async def test_a_hanging_call_ends_when_the_client_gives_up(
    provider: openai.AsyncOpenAI, control: httpx.AsyncClient, instant: Process
) -> None:
    await control.post("/faults", json={"kind": "accept_then_hang", "operation": "create"})
    with pytest.raises(openai.APITimeoutError):
        await provider.with_options(timeout=0.3).responses.create(**QUESTION)
    assert len((await control.get("/requests")).json()["data"]) == 1
    assert instant.end(signal.SIGTERM) == 0


async def test_a_truncated_body_breaks_off(
    instant: Process, provider: openai.AsyncOpenAI, control: httpx.AsyncClient
) -> None:
    created = await provider.responses.create(**QUESTION)
    await control.post("/faults", json={"kind": "truncated_body", "operation": "retrieve"})
    async with httpx.AsyncClient(headers={"authorization": "Bearer sk-simulator"}) as client:
        with pytest.raises(httpx.RemoteProtocolError, match="expected"):
            await client.get(f"{instant.url}/v1/responses/{created.id}")


def test_a_kill_loses_nothing_and_the_clock_runs_on(start: Start) -> None:
    headers = {"authorization": "Bearer sk-simulator"}
    first = start(BACKBURNER_SIMULATOR_RUN_SECONDS="3600")
    spoil = {"kind": "error", "operation": "retrieve", "times": 2}
    httpx.post(f"{first.url}/control/faults", json=spoil)
    prompts = ["Why?", "Why? [simulate: queued 0 s, takes 0 s]"]
    ids = [
        httpx.post(
            f"{first.url}/v1/responses", json={**QUESTION, "input": prompt}, headers=headers
        ).json()["id"]
        for prompt in prompts
    ]
    spoiled = httpx.get(f"{first.url}/v1/responses/{ids[0]}", headers=headers)
    first.end(signal.SIGKILL)
    second = start(BACKBURNER_SIMULATOR_RUN_SECONDS="0")
    urls = [f"{second.url}/v1/responses/{name}" for name in (ids[0], *ids)]
    replies = [httpx.get(url, headers=headers) for url in urls]
    assert [reply.status_code for reply in (spoiled, *replies)] == [500, 500, 200, 200]
    assert replies[1].json()["status"] in {"queued", "in_progress"}
    assert replies[2].json()["status"] == "completed"
    entries = httpx.get(f"{second.url}/control/requests").json()["data"]
    assert [entry["response_id"] for entry in entries] == ids
    (fault,) = httpx.get(f"{second.url}/control/faults").json()["data"]
    assert fault["fired"] == 2


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[str, asyncio.Queue[bytes]]]:
    """A web server that confirms every second request and keeps all of them."""
    got: asyncio.Queue[bytes] = asyncio.Queue()
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        got.put_nowait(head + await reader.readexactly(length))
        status = b"200 OK" if count % 2 == 0 else b"500 No"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    yield f"http://{host}:{port}/hook", got
    server.close()
    await server.wait_closed()


async def test_a_webhook_is_sent_until_it_is_confirmed(
    start: Callable[..., Process], receiver: tuple[str, asyncio.Queue[bytes]]
) -> None:
    url, got = receiver
    running = start(
        BACKBURNER_SIMULATOR_WEBHOOK_URL=url,
        OPENAI_WEBHOOK_SECRET=SECRET,
        BACKBURNER_SIMULATOR_QUEUED_SECONDS="0",
        BACKBURNER_SIMULATOR_RUN_SECONDS="0",
    )
    headers = {"authorization": "Bearer sk-simulator"}
    async with httpx.AsyncClient(headers=headers) as client:
        created = (await client.post(f"{running.url}/v1/responses", json=QUESTION)).json()
    sent = [await asyncio.wait_for(got.get(), 10) for _ in range(2)]
    bodies = [request.partition(b"\r\n\r\n")[2].decode() for request in sent]
    assert bodies[0] == bodies[1]
    lines = [line.partition(": ") for line in sent[1].decode().splitlines()]
    received = {name.lower(): value for name, _, value in lines}
    async with openai.AsyncOpenAI(api_key="none", webhook_secret=SECRET) as provider:
        event = provider.webhooks.unwrap(bodies[1], received)
    assert event.type == "response.completed"
    assert event.data.id == created["id"]
    assert running.end(signal.SIGINT) == 0


def test_an_accepted_post_is_answered_after_the_set_time_and_a_refused_one_at_once(
    start: Start,
) -> None:
    slow = start(BACKBURNER_SIMULATOR_CREATE_SECONDS="60")
    url, headers = f"{slow.url}/v1/responses", {"authorization": "Bearer sk-simulator"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, json=QUESTION, headers=headers, timeout=0.5)
    assert httpx.post(url, json={}, headers=headers, timeout=5).status_code == 400
    entries = httpx.get(f"{slow.url}/control/requests").json()["data"]
    assert [entry["status"] for entry in entries] == [200, 400]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKBURNER_SIMULATOR_PORT", "{taken}"),
        ("BACKBURNER_SIMULATOR_PORT", "many"),
        ("BACKBURNER_SIMULATOR_RUN_SECONDS", "-1"),
        ("BACKBURNER_SIMULATOR_WEBHOOK_URL", "http://receiver.example/"),
        ("BACKBURNER_DATA_DIR", "/dev/null"),
    ],
)
def test_an_unusable_setting_ends_the_start_in_one_sentence(
    name: str, value: str, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        value = value.format(taken=taken.getsockname()[1])
        process = command(tmp_path, **{name: value})
        _, output = process.communicate(timeout=10)
    assert process.returncode == 1
    assert len(output.splitlines()) == 1
    assert value in output or "BACKBURNER" in output or "OPENAI_WEBHOOK_SECRET" in output
