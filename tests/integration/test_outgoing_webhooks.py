"""A receiver is told by real processes, can verify it, and OpenAI's SDK reads it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from backburner.client import Client
from tests.harness import Installation, eventually
from tests.webhook_receiver import Receiver, receiving

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

ALLOW = {"BACKBURNER_WEBHOOK_ALLOW": "127.0.0.1"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("webhooks")
    with Installation(folder, dict(ALLOW)) as pieces:
        yield pieces.all()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def client(place: Installation) -> Iterator[Client]:
    with Client(place.api_url) as found:
        for endpoint in found.webhooks.list():
            found.webhooks.delete(endpoint["id"])
        yield found


def confirmed(receiver: Receiver) -> Any:
    """The one event that came in."""
    ((event,),) = eventually(lambda: list(receiver.confirmed.values()), "an event came")
    return event


def test_an_event_is_sent_by_standard_webhooks_without_any_text_of_the_task(
    client: Client, receiver: Receiver
) -> None:
    endpoint = client.webhooks.create(receiver.url, tasks="named")
    receiver.secret = endpoint["secret"]
    task = client.submit("Why is the sky blue?", webhook_endpoint=endpoint["id"])
    event = confirmed(receiver)
    done = client.get(task.id)
    assert event["type"] == "task.completed"
    assert event["data"] == {
        "id": task.id,
        "status": "completed",
        "error_code": None,
        "cost_usd": done.cost_usd,
    }
    (delivery,) = eventually(lambda: client.webhooks.deliveries(endpoint["id"]), "a log entry")
    assert (delivery["outcome"], delivery["status"]) == ("delivered", 204)
    assert delivery["event_id"] == receiver.headers[0]["webhook-id"]


def test_openais_sdk_verifies_an_event_and_finds_its_response(
    client: Client, receiver: Receiver, place: Installation
) -> None:
    endpoint = client.webhooks.create(receiver.url, format="openai")
    receiver.secret = endpoint["secret"]
    client.submit("Why is the sky blue?")
    confirmed(receiver)
    sdk = OpenAI(api_key="any", base_url=f"{place.api_url}/v1")
    event = sdk.webhooks.unwrap(receiver.bodies[0], receiver.headers[0], secret=endpoint["secret"])
    assert event.type == "response.completed"
    assert sdk.responses.retrieve(event.data.id).status == "completed"


def test_both_secrets_verify_after_a_rotation(client: Client, receiver: Receiver) -> None:
    endpoint = client.webhooks.create(receiver.url)
    rotated = client.webhooks.rotate_secret(endpoint["id"])
    for secret in (endpoint["secret"], rotated["secret"]):
        receiver.secret = secret
        delivery = client.webhooks.test(endpoint["id"])
        assert delivery
        assert delivery["outcome"] == "delivered"
    assert receiver.rejected == 0


def test_a_test_shows_what_the_receiver_answered(client: Client, receiver: Receiver) -> None:
    endpoint = client.webhooks.create(receiver.url)
    receiver.secret = endpoint["secret"]
    receiver.answer = lambda: 503
    delivery = client.webhooks.test(endpoint["id"])
    assert delivery
    assert (delivery["outcome"], delivery["status"]) == ("given_up", 503)
    assert client.webhooks.get(endpoint["id"])["failing_since"] is None
