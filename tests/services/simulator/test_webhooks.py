"""Each final status of a response is sent as a signed webhook, at least once."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import AnyHttpUrl

from services.simulator.database import connect
from services.simulator.settings import Settings
from services.simulator.simulator import Simulator
from services.simulator.webhooks import Webhooks

SECRET = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw=="


class Receiver:
    """Keeps what is posted, and confirms it if ``confirms``."""

    def __init__(self) -> None:
        self.confirms = True
        self.got: list[tuple[bytes, dict[str, str]]] = []

    async def __call__(self, body: bytes, headers: dict[str, str]) -> bool:
        self.got.append((body, headers))
        return self.confirms

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for body, _ in self.got]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        queued_seconds=1,
        run_seconds=6,
        webhook_url=AnyHttpUrl("http://receiver.example/"),
        webhook_secret=SECRET,
    )


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def webhooks(simulator: Simulator, receiver: Receiver) -> Webhooks:
    return Webhooks(simulator, SECRET, receiver)


@pytest.mark.parametrize("ending", ["completed", "failed", "incomplete", "cancelled"])
async def test_a_final_status_is_sent_once_it_is_reached(
    ending: str, ask: Any, clock: Any, webhooks: Any, receiver: Any
) -> None:
    created = await ask("Why?" if ending == "completed" else f"Why? [simulate: {ending}]")
    clock.advance(6.9)
    await webhooks.send_due()
    assert receiver.got == []
    clock.advance(0.1)
    await webhooks.send_due()
    await webhooks.send_due()
    ((body, headers),) = receiver.got
    event = json.loads(body)
    assert event == {
        "id": event["id"],
        "object": "event",
        "created_at": created["created_at"] + 7,
        "type": f"response.{ending}",
        "data": {"id": created["id"]},
    }
    assert headers["webhook-timestamp"] == str(int(clock.now))


async def test_an_unconfirmed_event_is_repeated_ever_later_and_at_most_ten_times(
    ask: Any, clock: Any, webhooks: Any, receiver: Any
) -> None:
    await ask("Why?")
    receiver.confirms = False
    sent_after = []
    for second in range(30):
        before = len(receiver.got)
        await webhooks.send_due()
        sent_after += [second] * (len(receiver.got) - before)
        clock.advance(1)
    assert sent_after == [7, 8, 10, 14, 22]
    for _ in range(15):
        clock.advance(3600)
        await webhooks.send_due()
    assert len(receiver.got) == 10
    assert len({headers["webhook-id"] for _, headers in receiver.got}) == 1


async def test_a_deleted_response_sends_nothing_and_a_duplicate_fault_sends_twice(
    ask: Any, client: Any, clock: Any, webhooks: Any, receiver: Any
) -> None:
    deleted = await ask("Why?")
    await client.delete(f"/v1/responses/{deleted['id']}")
    clock.advance(7)
    await webhooks.send_due()
    assert receiver.got == []
    await client.post("/control/faults", json={"kind": "duplicate", "operation": "webhook"})
    await ask("Why?")
    clock.advance(7)
    await webhooks.send_due()
    first, second = receiver.got
    assert first == second
    assert (await client.get("/control/faults")).json()["data"][0]["fired"] == 1


async def test_a_cancel_is_sent_at_once_and_a_late_completion_after_it(
    ask: Any, client: Any, clock: Any, webhooks: Any, receiver: Any
) -> None:
    created = await ask("Why? [simulate: completes after cancel]")
    await client.post(f"/v1/responses/{created['id']}/cancel")
    await webhooks.send_due()
    assert receiver.types == ["response.cancelled"]
    clock.advance(7)
    await webhooks.send_due()
    assert receiver.types == ["response.cancelled", "response.completed"]


async def test_a_restart_sends_what_is_missing_and_nothing_twice(
    settings: Settings, ask: Any, clock: Any, webhooks: Any, receiver: Any
) -> None:
    await ask("The first")
    clock.advance(7)
    await webhooks.send_due()
    missing = await ask("The second")
    database = connect(settings.data_dir / "simulator.sqlite")
    reborn = Webhooks(Simulator(settings, database, clock, str), SECRET, receiver)
    clock.advance(7)
    await reborn.send_due()
    database.close()
    assert [json.loads(body)["data"]["id"] for body, _ in receiver.got][1:] == [missing["id"]]


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_a"])
def test_webhooks_without_a_usable_secret_are_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="OPENAI_WEBHOOK_SECRET"):
        Settings(webhook_url=AnyHttpUrl("http://receiver.example/"), webhook_secret=secret)
