"""The commands that read tasks: list, show, wait and export."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from backburner import output, task_output
from backburner.cli.app import Id, Json, app, open_client, with_exit_codes
from backburner.client import Task
from backburner.wait_display import wait_for_task


@app.command("list")
@with_exit_codes
def list_tasks(
    *,
    status: Annotated[str | None, typer.Option(help="Only tasks with this status.")] = None,
    search: Annotated[
        str | None, typer.Option(help='Words, "a phrase" or a prefix* in title, prompt or answer.')
    ] = None,
    after: Annotated[
        str | None, typer.Option(help="Created at or after: 2026-11-01 (00:00 UTC).")
    ] = None,
    before: Annotated[
        str | None, typer.Option(help="Created before: 2026-11-23T09:00:00Z.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of tasks.")] = 20,
    as_json: Json = False,
) -> None:
    """List tasks, newest first. In a pipe: one task a line, separated by tabs."""
    with open_client() as client:
        found: list[Task] = []
        cursor: str | None = None
        while len(found) < limit:
            room = min(limit - len(found), 100)
            page = client.page(
                status=status, search=search, after=after, before=before, limit=room, cursor=cursor
            )
            found += page.data
            if (cursor := page.next_cursor) is None:
                break
        if as_json:
            output.write_json({"data": [task.body for task in found], "next_cursor": cursor})
        for task in [] if as_json else found:
            task_output.print_row(task)
        if not found:
            output.report("No tasks found.")


@app.command()
@with_exit_codes
def show(
    task_id: Id,
    *,
    answer: Annotated[
        bool, typer.Option("--answer", help="Print only the answer, as Markdown.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show a task and its answer, if it has one."""
    with open_client() as client:
        task = client.get(task_id)
        if as_json:
            output.write_json(task.body)
        elif answer:
            task_output.print_answer(task)
        else:
            task_output.print_heading(task, client.now())
            if task.output_text:
                output.write_answer(task.output_text)


@app.command()
@with_exit_codes
def wait(task_id: Id, *, as_json: Json = False) -> None:
    """Wait for a task and print its answer. Ctrl-C leaves it running."""
    with open_client() as client:
        task_output.finish_wait(wait_for_task(client, task_id), as_json=as_json)


@app.command()
@with_exit_codes
def export(
    task_id: Id,
    *,
    thread: Annotated[
        bool, typer.Option("--thread", help="Export all tasks of its thread.")
    ] = False,
    form: Annotated[
        Literal["md", "json"] | None,
        typer.Option("--format", help="Default: the ending of FILE, else md.", show_default=False),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to FILE.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Same as --format json.")] = False,
) -> None:
    """Export a task or its thread. `submit` accepts the export of a task."""
    json_wanted = as_json or form == "json"
    if form is None and file is not None and file.suffix == ".json":
        json_wanted = True
    with open_client() as client:
        document = client.export(task_id, form="json" if json_wanted else "markdown", thread=thread)
    if file is None:
        output.write_bytes(document.encode())
        return
    try:
        file.write_text(document, encoding="utf-8", newline="")
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}.", param_hint="--output") from None
