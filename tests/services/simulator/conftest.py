"""The simulator behind its own HTTP interface, with a clock that only the test moves."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Scope

from services.simulator.app import create_app
from services.simulator.database import connect
from services.simulator.settings import Settings
from services.simulator.simulator import Simulator


class Clock:
    """Unix seconds that stand still until moved."""

    def __init__(self) -> None:
        self.now = 1_765_339_742.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def counting_hex() -> Callable[[int], str]:
    """Hexadecimal tokens that count up."""
    numbers = count(1)
    return lambda size: f"{next(numbers):0{2 * size}x}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, queued_seconds=1, run_seconds=6)


@pytest.fixture
def simulator(settings: Settings, clock: Clock) -> Iterator[Simulator]:
    database = connect(settings.data_dir / "simulator.sqlite")
    yield Simulator(settings, database, clock, counting_hex())
    database.close()


def _dropped(_: Scope) -> None:
    raise ConnectionResetError


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    """Over ASGI there is no connection to close: a dropped one raises ConnectionResetError."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(simulator, _dropped)),
        base_url="http://simulator",
        headers={"authorization": "Bearer sk-simulator"},
    ) as client:
        yield client


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Callable[..., Awaitable[dict[str, Any]]]:
    """POSTs a prompt with the product's own parameters and gives the response object."""

    async def post(prompt: str, **parameters: Any) -> dict[str, Any]:
        body = {
            "model": "gpt-5-pro",
            "background": True,
            "input": prompt,
            "tools": [{"type": "web_search"}],
            **parameters,
        }
        reply = await client.post("/v1/responses", json=body)
        assert reply.status_code == 200, reply.text
        created: dict[str, Any] = reply.json()
        return created

    return post


@pytest.fixture
def end(
    ask: Callable[..., Awaitable[dict[str, Any]]], client: httpx.AsyncClient, clock: Clock
) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Asks, lets an hour go by, and gives the response object as it then stands."""

    async def run(prompt: str, **parameters: Any) -> dict[str, Any]:
        created = await ask(prompt, **parameters)
        clock.advance(3600)
        reply = await client.get(f"/v1/responses/{created['id']}")
        ended: dict[str, Any] = reply.json()
        return ended

    return run
