"""Agents use /mcp with a token of their own, and see what it may see."""

from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from services.api.auth.token import digest
from tests.clients.test_mcp import QUESTION, call, text
from tests.harness import ROOT, Installation, http

pytestmark = [pytest.mark.integration, pytest.mark.thorough]


async def test_each_token_has_its_tasks_and_none_works_without_one(
    installation: Installation, tmp_path: Path
) -> None:
    tokens = tmp_path / "tokens.toml"
    names = ("ann", "bob")
    tokens.write_text(
        "".join(f'[tokens.{name}]\nsha256 = "{digest(f"bb_{name}".encode())}"\n' for name in names)
    )
    installation.valkey()
    installation.simulator()
    installation.poller()
    installation.api(
        BACKBURNER_MCP="true",
        BACKBURNER_TOKENS_FILE=str(tokens),
        PYTHONPATH=f"{ROOT}:{ROOT / 'clients'}",
    )
    url = f"{installation.api_url}/mcp"
    assert http.post(url, json={}).status_code == 401
    assert http.post(url, json={}, headers={"Origin": "http://evil.test"}).status_code == 403

    found: dict[str, str] = {}
    for name in names:
        headers = {"Authorization": f"Bearer bb_{name}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as connection,
            Client(streamable_http_client(url, http_client=connection)) as client,
        ):
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {"submit", "wait", "read", "cancel", "list"}
            assert "files" not in tools["submit"].input_schema["properties"]
            for task_id in found.values():
                stolen = await client.call_tool("read", {"task_id": task_id})
                assert stolen.is_error
                assert "Witness" not in text(stolen)
            asked = [await call(client, "submit", question=QUESTION, key="k") for _ in range(2)]
            task_id = found[name] = asked[0]["id"]
            assert asked[1]["replayed"]
            state = await call(client, "wait", task_id=task_id, seconds=30)
            assert state["status"] == "completed"
            answer = await client.call_tool("read", {"task_id": task_id})
            assert text(answer).startswith("Offshoot: Witness Night\n")
            listed = await call(client, "list")
            assert [each["id"] for each in listed["tasks"]] == [task_id]
    assert found["ann"] != found["bob"]
    assert len(installation.ledger()) == 2


def test_it_is_off_by_default(running: Installation) -> None:
    assert http.post(f"{running.api_url}/mcp", json={}).status_code in {404, 405}
