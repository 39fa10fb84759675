"""An owner who takes more than its share is refused, and the others are served."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from services.api.auth.token import digest
from tests.harness import Installation

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

SHARES = "max_event_subscribers = 2\nmax_open_tasks = 2\nmax_stored_mb = 1\n"


@pytest.fixture
def owners(installation: Installation) -> Iterator[dict[str, httpx.Client]]:
    """Clients of mallory, who has small shares, and of bob."""
    secret = {name: f"bb_{secrets.token_urlsafe(32)}" for name in ("bob", "mallory")}
    tokens = installation.folder / "tokens.toml"
    tables = (f'[tokens.{name}]\nsha256 = "{digest(s.encode())}"\n' for name, s in secret.items())
    tokens.write_text("".join(tables) + SHARES)
    installation.valkey()
    installation.api(BACKBURNER_TOKENS_FILE=str(tokens))
    with ExitStack() as clients:
        yield {
            name: clients.enter_context(
                httpx.Client(
                    base_url=installation.api_url, headers={"Authorization": f"Bearer {each}"}
                )
            )
            for name, each in secret.items()
        }


def kind(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json().get("type", "").rpartition(":")[2]


def submit(owner: httpx.Client, text: str = "Why?") -> httpx.Response:
    return owner.post("/v1/tasks", json={"input": text})


def test_open_tasks(owners: dict[str, httpx.Client]) -> None:
    first, _, surplus = (submit(owners["mallory"]) for _ in range(3))
    assert kind(surplus) == (429, "too-many-open-tasks")
    assert "max_open_tasks in the tokens file" in surplus.json()["detail"]
    assert kind(submit(owners["bob"])) == (202, "")
    assert owners["mallory"].post(f"{first.headers['location']}/cancel").is_success
    assert kind(submit(owners["mallory"])) == (202, "")


def test_stored_texts_of_cancelled_tasks(owners: dict[str, httpx.Client]) -> None:
    for _ in range(10):
        reply = submit(owners["mallory"], secrets.token_hex(250_000))
        if reply.status_code != 202:
            break
        owners["mallory"].post(f"{reply.headers['location']}/cancel").raise_for_status()
    assert kind(reply) == (429, "too-much-stored")
    assert kind(submit(owners["bob"], secrets.token_hex(250_000))) == (202, "")


def test_event_streams(owners: dict[str, httpx.Client]) -> None:
    with ExitStack() as streams:

        def follow(name: str) -> httpx.Response:
            return streams.enter_context(owners[name].stream("GET", "/v1/events"))

        assert [follow("mallory").status_code for _ in range(3)] == [200, 200, 429]
        assert follow("bob").status_code == 200
        path = submit(owners["mallory"]).headers["location"]
        waiting = owners["mallory"].get(path, headers={"Prefer": "wait=30"})
        assert "preference-applied" not in waiting.headers  # answered at once
