"""The MCP server: five tools on the Python client, for agents.

Only ``backburner mcp`` and the API's ``/mcp`` import it: the package ``mcp`` is an extra that takes
0.7 s to load.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from backburner.attachments import AttachmentError, attach, read_attachments
from backburner.client import BackburnerError, Client, Message, Task
from backburner.formatting import format_error, format_progress, format_result
from backburner.version import VERSION

MAX_WAIT_S = 45
"""Hosts cut a tool call after 60 s."""

POLL_S = 2.0

INSTRUCTIONS = """\
Backburner asks a slow, expensive OpenAI model in the background. An answer usually takes minutes,
sometimes an hour, and costs about a dollar or more. Use it only for questions that are worth that.

1. submit: once for each question, with a key that follows from the work ("report-7/summary"). The
same key with the same question returns the same task and costs nothing, so repeat the call with it
if you got no reply. The model sees the question and its files, nothing else: say everything in it.
2. wait: returns after 45 s at most. Call it again while the status is queued, submitting or
in_progress, or do something else and come back with the id. Waiting and reading cost nothing.
3. read: the answer as Markdown, once the status is completed or incomplete.

A task that is unconfirmed may have been paid for: do not submit it again under another key, but
tell the person. list finds earlier tasks, cancel stops one."""

READ_ONLY = ToolAnnotations(read_only_hint=True)
PAYS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True)
CANCELS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True)

ClientOf = Callable[[Context[Any, Any]], Client]
"""Returns the client for a call: the one of the process, or one with the caller's token."""

_P = ParamSpec("_P")
_T = TypeVar("_T")

TaskId = Annotated[str, Field(description="The id that submit returned: task_…")]
Question = Annotated[str, Field(description="The whole question, in Markdown.")]
Key = Annotated[
    str, Field(min_length=1, max_length=255, description="Follows from the work; ASCII.")
]
Title = Annotated[str | None, Field(description="Default: the start of the question.")]
Continued = Annotated[
    str | None, Field(description="Id of an answered task whose conversation this continues.")
]


@dataclass(frozen=True)
class TaskState:
    """A task in brief. ``summary`` says in words how it stands and what it cost."""

    id: str
    status: str
    title: str
    summary: str
    ended: bool
    replayed: bool
    cost_usd: float | None


@dataclass(frozen=True)
class TaskList:
    """Tasks, newest first."""

    tasks: list[TaskState]


def build_server(client_of: ClientOf, *, files_from: Path | None) -> MCPServer[Any]:
    """Build the server. ``files_from`` is the directory whose files may be put into questions."""
    server: MCPServer[Any] = MCPServer(
        "backburner",
        version=VERSION,
        instructions=INSTRUCTIONS,
        subscriptions=False,
        log_level="WARNING",
    )
    if files_from is None:
        _add_submit(server, client_of)
    else:
        _add_submit_with_files(server, client_of, files_from)
    _add_tools(server, client_of)
    return server


def _add_submit(server: MCPServer[Any], client_of: ClientOf) -> None:
    @server.tool(annotations=PAYS)
    async def submit(
        question: Question,
        key: Key,
        ctx: Context[Any, Any],
        title: Title = None,
        continue_id: Continued = None,
    ) -> TaskState:
        """Ask a question. Costs about a dollar or more, once for each key; returns at once."""
        return await _submit(client_of(ctx), question, key, title, continue_id)


def _add_submit_with_files(server: MCPServer[Any], client_of: ClientOf, root: Path) -> None:
    @server.tool(annotations=PAYS)
    async def submit(  # noqa: PLR0917 -- the tool's arguments, which are always named
        question: Question,
        key: Key,
        ctx: Context[Any, Any],
        files: Annotated[
            list[str] | None,
            Field(description=f"Text files to add: paths or patterns like src/**/*.py in {root}."),
        ] = None,
        title: Title = None,
        continue_id: Continued = None,
    ) -> TaskState:
        """Ask a question. Costs about a dollar or more, once for each key; returns at once."""
        try:
            attachments = await anyio.to_thread.run_sync(read_attachments, files or (), root)
        except AttachmentError as error:
            raise ToolError(str(error)) from None
        text = attach(question, attachments) if attachments else question
        return await _submit(client_of(ctx), text, key, title, continue_id)


def _add_tools(server: MCPServer[Any], client_of: ClientOf) -> None:
    @server.tool(annotations=READ_ONLY)
    async def wait(
        task_id: TaskId,
        ctx: Context[Any, Any],
        seconds: Annotated[float, Field(ge=0, le=MAX_WAIT_S)] = 30,
    ) -> TaskState:
        """Wait until a task ends, at most so many seconds, and return its state. Costs nothing."""
        client, began = client_of(ctx), anyio.current_time()
        while True:
            task = await _call(client.get, task_id)
            elapsed = anyio.current_time() - began
            if task.settled or elapsed >= seconds:
                return _state(client, task)
            message = format_progress(task, client.now(), None)
            await ctx.report_progress(elapsed, seconds, message)
            await anyio.sleep(min(POLL_S, seconds - elapsed))

    # Without structure: some hosts show the model only structured content, others only the text.
    @server.tool(annotations=READ_ONLY, structured_output=False)
    async def read(task_id: TaskId, ctx: Context[Any, Any]) -> str:
        """Read the answer of a task as Markdown. Costs nothing."""
        client = client_of(ctx)
        task = await _call(client.get, task_id)
        if not task.output_text:
            raise ToolError(f"{task.id} has no answer: {_state(client, task).summary}.")
        if task.status == "completed":
            return task.output_text
        return f"> {format_result(task)}\n\n{task.output_text}"

    @server.tool(annotations=CANCELS)
    async def cancel(task_id: TaskId, ctx: Context[Any, Any]) -> TaskState:
        """Stop a task, at OpenAI too. What it has cost so far may still be paid."""
        client = client_of(ctx)
        return _state(client, await _call(client.cancel, task_id))

    @server.tool(name="list", annotations=READ_ONLY)
    async def list_tasks(
        ctx: Context[Any, Any],
        status: Annotated[str | None, Field(description="Only with this status.")] = None,
        search: Annotated[
            str | None, Field(description="Words in title, question or answer.")
        ] = None,
        limit: Annotated[int, Field(ge=1, le=50)] = 10,
    ) -> TaskList:
        """List tasks, newest first. Costs nothing."""
        client = client_of(ctx)
        page = await _call(client.page, limit=limit, status=status, search=search)
        return TaskList([_state(client, task) for task in page.data])


async def _submit(
    client: Client, question: str, key: str, title: str | None, parent: str | None
) -> TaskState:
    messages = [Message(role="user", content=question)]
    try:
        if parent:
            messages = (await _call(client.get, parent)).follow_up_input(question)
        task = await _call(
            client.submit, messages, title=title, parent_id=parent, idempotency_key=key
        )
    except ValueError as error:
        raise ToolError(str(error)) from None
    return _state(client, task)


async def _call(function: Callable[_P, _T], *arguments: _P.args, **options: _P.kwargs) -> _T:
    """Run a call of the client in a thread. When the agent gives up, nobody waits for it."""
    try:
        call = partial(function, *arguments, **options)
        return await anyio.to_thread.run_sync(call, abandon_on_cancel=True)
    except BackburnerError as error:
        raise ToolError(format_error(error)) from None


def _state(client: Client, task: Task) -> TaskState:
    summary = format_result(task) if task.settled else format_progress(task, client.now(), None)
    return TaskState(
        task.id, task.status, task.title, summary, task.ended, task.replayed, task.cost_usd
    )
