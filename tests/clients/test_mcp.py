"""Agents use Backburner over MCP: ask once, wait within their host's limit, read the answer."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from backburner.mcp_tools import INSTRUCTIONS, MAX_WAIT_S
from tests.clients.terminal import COMMAND, environment
from tests.harness import Installation

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

QUESTION = "Write a short offshoot to the lina trilogy."
MAX_INSTRUCTIONS_BYTES = 2048
"""Claude Code cuts what is longer."""


@asynccontextmanager
async def agent(url: str, folder: Path) -> AsyncIterator[Client]:
    """The SDK's client, connected to `backburner mcp`."""
    server = StdioServerParameters(command=COMMAND, args=["mcp"], env=environment(url), cwd=folder)
    async with Client(server, read_timeout_seconds=60) as client:
        yield client


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def call(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(name, arguments)
    assert not result.is_error, text(result)
    return dict(result.structured_content or {})


async def test_an_agent_submits_once_waits_and_reads(running: Installation, tmp_path: Path) -> None:
    async with agent(running.api_url, tmp_path) as client:
        assert client.instructions == INSTRUCTIONS
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"submit", "wait", "read", "cancel", "list"}
        assert tools["wait"].input_schema["properties"]["seconds"]["maximum"] == MAX_WAIT_S
        asked = [await call(client, "submit", question=QUESTION, key="mcp/1") for _ in range(2)]
        assert asked[0]["id"] == asked[1]["id"]
        assert [each["replayed"] for each in asked] == [False, True]
        task_id = asked[0]["id"]
        messages: list[str | None] = []

        async def progress(_: float, __: float | None, message: str | None) -> None:
            messages.append(message)

        ended = await client.call_tool(
            "wait", {"task_id": task_id, "seconds": 30}, progress_callback=progress
        )
        assert (ended.structured_content or {})["status"] == "completed"
        assert messages
        answer = await client.call_tool("read", {"task_id": task_id})
        assert answer.structured_content is None
        assert text(answer).startswith("Offshoot: Witness Night\n")
        listed = await call(client, "list", search="offshoot", limit=50)
        assert task_id in {each["id"] for each in listed["tasks"]}
    assert len(running.posts(task_id)) == 1


async def test_a_hosts_time_out_in_mid_wait_loses_nothing(
    running: Installation, tmp_path: Path
) -> None:
    async with agent(running.api_url, tmp_path) as client:
        question = "Slow. [simulate: takes 3 s]"
        task_id = (await call(client, "submit", question=question, key="mcp/slow"))["id"]
        with anyio.move_on_after(0.5) as scope:
            await call(client, "wait", task_id=task_id, seconds=45)
        assert scope.cancelled_caught
        early = await call(client, "wait", task_id=task_id, seconds=0)
        assert not early["ended"]
        early_read = await client.call_tool("read", {"task_id": task_id})
        assert early_read.is_error
        assert "has no answer" in text(early_read)
        assert (await call(client, "wait", task_id=task_id, seconds=45))["status"] == "completed"
    assert len(running.posts(task_id)) == 1


async def test_files_come_from_the_servers_folder_and_errors_are_sentences(
    running: Installation, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "a.py").write_text("pass\n")
    (tmp_path / "secret.txt").write_text("secret")
    async with agent(running.api_url, tmp_path / "work") as client:
        files = {"question": "Review.", "key": "mcp/files", "files": ["*.py"]}
        task_id = (await call(client, "submit", **files))["id"]
        content = running.task(task_id)["input"][0]["content"][0]["text"]
        assert content == "Review.\n\nFile: `a.py`\n\n```py\npass\n```\n"
        for arguments, message in (
            (files | {"files": ["../secret.txt"]}, r"\.\./secret\.txt is outside of"),
            (files | {"files": ["nowhere"]}, "nowhere: no such file"),
            (files | {"question": "Other."}, "[Kk]ey"),
            ({"question": "Why?", "key": "ü"}, "printable ASCII"),
        ):
            refused = await client.call_tool("submit", arguments)
            assert refused.is_error
            assert re.search(message, text(refused)), text(refused)
        unknown = await client.call_tool("cancel", {"task_id": "task_" + "0" * 32})
        assert unknown.is_error
        cancelled = await call(client, "cancel", task_id=task_id)
        assert cancelled["ended"]


def test_the_instructions_fit_and_name_time_and_price() -> None:
    assert len(INSTRUCTIONS.encode()) < MAX_INSTRUCTIONS_BYTES
    assert "minutes" in INSTRUCTIONS
    assert "dollar" in INSTRUCTIONS
