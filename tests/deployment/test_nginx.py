"""Behind nginx, with buffering on and under a path, programs find everything at once."""

import time
from collections.abc import Iterator
from urllib.parse import urljoin

import httpx2
import openai
import pytest
from mcp import Client as McpClient
from mcp.client.streamable_http import streamable_http_client

from backburner.client import Client
from shared.openai.model import ACTIVE
from tests.clients.test_mcp import call
from tests.event_stream import messages
from tests.harness import ROOT, Installation, http
from tests.proxies import NGINX, ROOT_PATH, WITHOUT_NGINX, start_nginx

pytestmark = [
    pytest.mark.integration,
    pytest.mark.thorough,
    pytest.mark.skipif(NGINX is None, reason=WITHOUT_NGINX),
]

EVENT_S = 3
"""What an event may take through the proxy."""


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("nginx")) as pieces:
        pieces.valkey()
        pieces.simulator()
        pieces.poller()
        pieces.api(
            BACKBURNER_ROOT_PATH=ROOT_PATH,
            BACKBURNER_MCP="true",
            PYTHONPATH=f"{ROOT}:{ROOT / 'clients'}",
        )
        yield pieces


@pytest.fixture(scope="module", params=[True, False], ids=["path removed", "path kept"])
def url(request: pytest.FixtureRequest, pieces: Installation) -> str:
    return start_nginx(pieces, removes_path=request.param)


def test_an_event_arrives_within_seconds_although_nginx_buffers(url: str) -> None:
    with http.stream("GET", f"{url}/v1/events", timeout=30) as stream:
        events = messages(stream.iter_lines())
        began = time.monotonic()
        assert next(events).event == "hello"
        assert time.monotonic() - began < EVENT_S
        began = time.monotonic()
        reply = http.post(f"{url}/v1/tasks", json={"input": "Is it buffered?"})
        seen = next(events)
        assert time.monotonic() - began < EVENT_S
        assert (seen.event, seen.data["id"]) == ("task", reply.json()["id"])


def test_the_location_of_a_task_leads_to_it(url: str) -> None:
    reply = http.post(f"{url}/v1/tasks", json={"input": "Where are you?"})
    address = urljoin(str(reply.url), reply.headers["location"])
    assert http.get(address).json()["id"] == reply.json()["id"]


def test_the_address_without_its_slash_leads_to_the_page(url: str) -> None:
    reply = http.get(url, follow_redirects=True)
    assert str(reply.url) == f"{url}/"
    assert "<title>Backburner</title>" in reply.text


def test_a_body_that_is_too_large_is_refused_by_backburner(url: str) -> None:
    reply = http.post(f"{url}/v1/tasks", content=b" " * (4 * 2**20 + 1))
    assert (reply.status_code, reply.json()["type"][-9:]) == (413, "too-large")


def test_clients_need_only_the_address(url: str) -> None:
    with Client(url) as client:
        task = client.submit("Does the command line find you?")
        assert client.wait(task.id, timeout=30).status == "completed"
    began = time.monotonic()
    with (
        openai.OpenAI(api_key="sk-any", base_url=f"{url}/v1") as sdk,
        sdk.responses.create(model=ACTIVE.name, input="And the SDK?", stream=True) as stream,
    ):
        assert next(iter(stream)).type == "response.created"
        assert time.monotonic() - began < EVENT_S
        assert [event.type for event in stream][-1] == "response.completed"


async def test_agents_need_only_the_address(url: str) -> None:
    async with (
        httpx2.AsyncClient(timeout=30) as connection,
        McpClient(streamable_http_client(f"{url}/mcp", http_client=connection)) as client,
    ):
        submitted = await call(client, "submit", question="And agents?", key="agents")
        state = await call(client, "wait", task_id=submitted["id"], seconds=30)
        assert state["status"] == "completed"


def test_nothing_of_it_is_an_error_for_nginx(pieces: Installation, url: str) -> None:
    assert url
    for process in pieces.processes:
        if process.name == "nginx":
            assert "[error]" not in process.output
