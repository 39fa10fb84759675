"""Webhook endpoints are kept for each owner, are bounded, and show their secret once."""

from typing import Any

import httpx
import orjson
import pytest

from shared.domain import changes
from shared.domain.webhooks import EventType
from shared.store import Delivery, WebhookDeliveries, WebhookSecrets
from shared.store.webhook_endpoints import MAX_ENDPOINTS, MAX_PREVIOUS_SECRETS
from tests.services.api.conftest import Service, problem

URL = "https://example.com/hook?key=1"
PATH = "/v1/webhook-endpoints"
ALL = [event.value for event in EventType]


async def create(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    reply = await client.post(PATH, json={"url": URL, **body})
    assert reply.status_code == 201, reply.text
    endpoint: dict[str, Any] = reply.json()
    return endpoint


async def waiting(service: Service, endpoint_id: str) -> list[str]:
    """The types of the events that wait for an endpoint."""
    turn = await WebhookDeliveries(service.redis, WebhookSecrets(service.redis)).load(
        endpoint_id, 100
    )
    return [] if turn is None else [event.type for event, _ in turn.due]


async def test_an_endpoint_is_created_listed_changed_and_deleted(client: httpx.AsyncClient) -> None:
    reply = await client.post(PATH, json={"url": URL, "description": " CI "})
    made = reply.json()
    secret = made.pop("secret")
    assert reply.headers["location"] == f"{PATH}/{made['id']}"
    assert secret.startswith("whsec_")
    assert made == {
        "id": made["id"],
        "url": URL,
        "description": "CI",
        "events": ALL,
        "tasks": "all",
        "format": "backburner",
        "created_at": made["created_at"],
        "disabled": False,
        "disabled_at": None,
        "disabled_reason": None,
        "failing_since": None,
        "waiting": 0,
        "previous_secret_until": None,
    }
    assert (await client.get(PATH)).json() == {"data": [made]}
    path = f"{PATH}/{made['id']}"
    changed = await client.patch(path, json={"tasks": "named", "disabled": True})
    assert changed.json()["tasks"] == "named"
    assert changed.json()["disabled_reason"] == "Disabled by its owner."
    assert (await client.get(path)).json() == changed.json()
    assert (await client.delete(path)).status_code == 204
    assert problem(await client.get(path)) == (404, "webhook-endpoint-not-found")
    assert (await client.get(PATH)).json() == {"data": []}


async def test_a_secret_is_encrypted_in_the_store(
    service: Service, client: httpx.AsyncClient
) -> None:
    made = await create(client)
    kept = await service.redis.hgetall(f"backburner:webhook_endpoint:{made['id']}")
    assert made["secret"].removeprefix("whsec_").encode() not in orjson.dumps(
        {name.decode(): value.decode() for name, value in kept.items()}
    )


async def test_a_repetition_with_the_same_key_returns_the_same_endpoint_and_secret(
    client: httpx.AsyncClient,
) -> None:
    key = {"Idempotency-Key": "one"}
    first = await client.post(PATH, json={"url": URL}, headers=key)
    again = await client.post(PATH, json={"url": URL}, headers=key)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post(PATH, json={"url": URL + "2"}, headers=key)
    assert problem(other) == (422, "invalid-request")
    assert len((await client.get(PATH)).json()["data"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://example.com"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://user:secret@example.com/"}, "url"),
        ({"url": "ftp://example.com"}, "url"),
        ({"url": URL, "events": []}, "events"),
        ({"url": URL, "events": ["task.started"]}, "events[0]"),
        ({"url": URL, "format": "openai", "events": ["task.unconfirmed"]}, "events"),
        ({"url": URL, "secret": "whsec_x"}, "secret"),
        ({}, "url"),
    ],
)
async def test_what_is_not_an_endpoint_is_refused_by_its_field(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    reply = await client.post(PATH, json=body)
    assert problem(reply) == (422, "invalid-request")
    assert [error["field"] for error in reply.json()["errors"]] == [field]
    assert "secret@" not in reply.text


async def test_an_owner_has_a_bounded_number(client: httpx.AsyncClient) -> None:
    for _ in range(MAX_ENDPOINTS):
        await create(client)
    reply = await client.post(PATH, json={"url": URL})
    assert reply.status_code == 422
    assert f"{MAX_ENDPOINTS} endpoints" in reply.json()["errors"][0]["message"]


async def test_a_repeated_rotation_keeps_the_secret_that_the_receiver_has(
    service: Service, client: httpx.AsyncClient
) -> None:
    made = await create(client)
    rotated = [(await client.post(f"{PATH}/{made['id']}/rotate-secret")).json() for _ in range(2)]
    assert rotated[1]["previous_secret_until"] is not None
    await client.post(f"{PATH}/{made['id']}/test")
    deliveries = WebhookDeliveries(service.redis, WebhookSecrets(service.redis))
    turn = await deliveries.load(made["id"], 1)
    assert turn
    signing = await deliveries.secrets(turn)
    assert list(signing) == [rotated[1]["secret"], rotated[0]["secret"], made["secret"]]
    for _ in range(MAX_PREVIOUS_SECRETS + 1):
        await client.post(f"{PATH}/{made['id']}/rotate-secret")
    turn = await deliveries.load(made["id"], 1)
    assert turn
    assert len(await deliveries.secrets(turn)) == MAX_PREVIOUS_SECRETS + 1


async def test_a_test_waits_for_a_poller_unless_the_endpoint_is_disabled(
    service: Service, client: httpx.AsyncClient
) -> None:
    made = await create(client)
    path = f"{PATH}/{made['id']}"
    sent = await client.post(f"{path}/test")
    assert sent.status_code == 202
    assert sent.json()["event_id"].startswith("evt_test_")
    assert await waiting(service, made["id"]) == ["webhook.test"]
    await client.patch(path, json={"disabled": True})
    assert problem(await client.post(f"{path}/test")) == (409, "webhook-endpoint-disabled")
    await client.patch(path, json={"disabled": False})
    assert await waiting(service, made["id"]) == ["webhook.test"]


async def test_the_deliveries_are_listed_newest_first(
    service: Service, client: httpx.AsyncClient
) -> None:
    made = await create(client)
    event = (await client.post(f"{PATH}/{made['id']}/test")).json()["event_id"]
    store = WebhookDeliveries(service.redis, WebhookSecrets(service.redis))
    for attempt, (outcome, status) in enumerate([("retrying", None), ("delivered", 200)], 1):
        error = None if status else "timeout"
        retry = None if status else 5_000
        entry = Delivery(event, "webhook.test", None, attempt, outcome, status, error, 12, retry)
        await store.record(made["id"], entry)
    listed = (await client.get(f"{PATH}/{made['id']}/deliveries")).json()["data"]
    assert [(each["attempt"], each["outcome"]) for each in listed] == [
        (2, "delivered"),
        (1, "retrying"),
    ]
    assert listed[1]["error"] == "timeout"
    assert listed[1]["next_attempt_at"] > listed[1]["at"]


async def test_an_event_is_written_with_the_change_for_each_endpoint_that_wants_it(
    service: Service, client: httpx.AsyncClient
) -> None:
    everything = await create(client)
    failures = await create(client, events=["task.failed"])
    named = await create(client, tasks="named")
    off = await create(client)
    await client.patch(f"{PATH}/{off['id']}", json={"disabled": True})
    first = await service.submit("Why?")
    second = await service.submit("Why?", webhook_endpoint=named["id"])
    await service.completed(first["id"])
    assert await service.store.apply(changes.cancel(await service.task(second["id"]), 30_000))
    assert sorted(await waiting(service, everything["id"])) == [
        "task.cancelled",
        "task.completed",
    ]
    assert await waiting(service, failures["id"]) == []
    assert await waiting(service, named["id"]) == ["task.cancelled"]
    assert (await client.get(f"{PATH}/{off['id']}")).json()["waiting"] == 0


async def test_a_task_names_an_endpoint_of_its_owner(client: httpx.AsyncClient) -> None:
    reply = await client.post(
        "/v1/tasks", json={"input": "Why?", "webhook_endpoint": "we_" + 32 * "0"}
    )
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] == "webhook_endpoint"
