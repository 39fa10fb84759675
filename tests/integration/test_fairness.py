"""One owner's most expensive requests, at their full rate, do not keep another owner waiting."""

import re
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from services.api.auth.token import digest
from tests.harness import Installation, Process, eventually

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

SIZE = 4 * 2**20 - 100
MALLORY, BOB = (f"bb_{secrets.token_urlsafe(32)}" for _ in range(2))


def client(url: str, secret: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.Client(base_url=url, headers=headers, timeout=60)


@pytest.fixture
def place(installation: Installation) -> Installation:
    """An API with two owners."""
    tokens = installation.folder / "tokens.toml"
    owners = (("mallory", MALLORY), ("bob", BOB))
    tokens.write_text(
        "".join(f'[tokens.{name}]\nsha256 = "{digest(s.encode())}"\n' for name, s in owners)
    )
    installation.valkey()
    installation.api(BACKBURNER_TOKENS_FILE=str(tokens))
    return installation


def resident_bytes(process: Process) -> int:
    status = Path(f"/proc/{process.popen.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) * 1024


@pytest.mark.skipif(not Path("/proc").exists(), reason="measures memory as Linux shows it")
def test_clients_that_do_not_read_cost_little_memory_and_delay_no_other_owner(
    place: Installation,
) -> None:
    """150 of them took 680 MiB."""
    *_, api = place.processes
    with client(place.api_url, MALLORY) as mallory, client(place.api_url, BOB) as bob:
        text = secrets.token_hex(2_000_000)
        path = mallory.post("/v1/tasks", json={"input": text}).headers["location"]
        assert len(mallory.get(path).content) > len(text)
        before = resident_bytes(api)
        with ExitStack() as sockets:
            for _ in range(150):
                wire = sockets.enter_context(socket.create_connection(address(place)))
                head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {MALLORY}"
                wire.sendall(head.encode() + b"\r\n\r\n")
            for _ in range(20):
                bob.get("/v1/tasks").raise_for_status()
            assert mallory_waits(place)
            assert resident_bytes(api) - before < 100 * 2**20


def address(place: Installation) -> tuple[str, int]:
    url = urlsplit(place.api_url)
    return url.hostname or "", url.port or 0


def mallory_waits(place: Installation) -> bool:
    """Whether another request of hers has to wait for one of those to end."""
    with client(place.api_url, MALLORY) as mallory, pytest.raises(httpx.ReadTimeout):
        mallory.get("/v1/tasks", timeout=0.5)
    return True


def values(caller: httpx.Client) -> int:
    body = b'{"input":[' + b"[]," * (SIZE // 3) + b"[]]}"
    return caller.post(
        "/v1/tasks", content=body, headers={"Content-Type": "application/json"}
    ).status_code


def markers(caller: httpx.Client) -> int:
    body = b"<!-- backburner: user -->\n" * (SIZE // 26)
    return caller.post(
        "/v1/tasks", content=body, headers={"Content-Type": "text/markdown"}
    ).status_code


@pytest.mark.parametrize("attack", [values, markers])
def test_anothers_requests_are_served_during_an_attack(
    attack: Callable[[httpx.Client], int], place: Installation
) -> None:
    """One of bob's calls took 50 s; parsing one such body held the event loop for over a second."""
    over, statuses = threading.Event(), Counter[int]()

    def attacker(_: int) -> None:
        with client(place.api_url, MALLORY) as mallory:
            while not over.is_set():
                statuses[attack(mallory)] += 1

    with ThreadPoolExecutor(20) as threads, client(place.api_url, BOB) as bob:
        crowd = threads.map(attacker, range(20))
        try:
            eventually(lambda: statuses[422] > 20, "the attack is under way")
            began = time.monotonic()
            for _ in range(10):
                bob.post("/v1/tasks", json={"input": "Why?"}).raise_for_status()
                bob.get("/v1/tasks").raise_for_status()
            took = time.monotonic() - began
        finally:
            over.set()
        list(crowd)
    assert took < 15
