"""The commands for webhook endpoints print what scripts read, and end with a code of their own."""

import json
from typing import Any

import pytest

from tests.clients.stub import Stub
from tests.clients.terminal import run

pytestmark = pytest.mark.integration

ID = "we_" + 32 * "0"
ENDPOINT: dict[str, Any] = {
    "id": ID,
    "url": "https://example.com/",
    "disabled": False,
    "disabled_reason": None,
    "failing_since": None,
    "waiting": 3,
    "secret": "whsec_c2VjcmV0",
}
DELIVERY: dict[str, Any] = {
    "event_id": "evt_test_1",
    "type": "webhook.test",
    "at": "2026-11-30T15:00:00.000Z",
    "outcome": "delivered",
    "status": 204,
    "error": None,
}


def test_adding_prints_id_and_secret_and_sends_a_key(stub: Stub) -> None:
    stub.says(ENDPOINT, 201)
    said = run(stub.url, "webhooks", "add", "https://example.com/", "--event", "task.failed")
    assert (said.code, said.out) == (0, f"{ID}\twhsec_c2VjcmV0\n")
    method, path, headers, body = stub.asked[-1]
    assert (method, path) == ("POST", "/v1/webhook-endpoints")
    assert headers["Idempotency-Key"]
    assert json.loads(body)["events"] == ["task.failed"]


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "enabled"),
        ({"failing_since": "2026-11-30T15:00:00.000Z"}, "failing"),
        ({"disabled": True, "disabled_reason": "Because."}, "disabled"),
    ],
)
def test_each_endpoint_is_a_line_with_its_state(
    stub: Stub, fields: dict[str, Any], state: str
) -> None:
    stub.says({"data": [ENDPOINT | fields]})
    said = run(stub.url, "webhooks", "list")
    assert said.out == f"{ID}\t{state}\t3\thttps://example.com/\n"
    assert said.err == (f"{ID}: Because.\n" if state == "disabled" else "")


@pytest.mark.parametrize(
    ("fields", "code", "answer"),
    [
        ({}, 0, "204"),
        ({"outcome": "given_up", "status": 500}, 1, "500"),
        ({"outcome": "given_up", "status": None, "error": "timeout"}, 1, "timeout"),
    ],
)
def test_a_test_ends_with_a_code_for_what_the_receiver_said(
    stub: Stub, fields: dict[str, Any], code: int, answer: str
) -> None:
    stub.says({"event_id": "evt_test_1", "data": [DELIVERY | fields]})
    said = run(stub.url, "webhooks", "test", ID)
    outcome = fields.get("outcome", "delivered")
    assert (said.code, said.out) == (code, f"{DELIVERY['at']}\twebhook.test\t{outcome}\t{answer}\n")


def test_removing_asks_first(stub: Stub) -> None:
    stub.says({})
    assert run(stub.url, "webhooks", "remove", ID).code == 2
    assert stub.asked == []
    assert run(stub.url, "webhooks", "remove", ID, "--yes").code == 0
    assert stub.asked[-1][:2] == ("DELETE", f"/v1/webhook-endpoints/{ID}")


def test_a_wrong_option_names_the_command_to_ask(stub: Stub) -> None:
    said = run(stub.url, "webhooks", "add", "--nothing")
    assert said.code == 2
    assert "See: backburner webhooks --help" in said.err
