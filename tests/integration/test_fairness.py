"""One owner's most expensive requests, at their full rate, do not keep another owner waiting."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from services.api.auth.token import digest
from tests.harness import Installation, eventually

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
