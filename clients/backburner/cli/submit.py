"""The command that sends a question."""

from typing import Annotated

import typer

from backburner import formatting, output, task_output
from backburner.cli.app import Json, Key, app, open_client, with_exit_codes
from backburner.cli.preview import print_preview
from backburner.submit_input import read_input, send
from backburner.wait_display import wait_for_task


@app.command()
@with_exit_codes
def submit(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="The question in Markdown, - for standard input, or an export (.md, .json).",
            show_default=False,
        ),
    ],
    *,
    files: Annotated[
        list[str] | None,
        typer.Option(
            "--file",
            metavar="PATTERN",
            help="Put this text file after the question, or files like 'src/**/*.py'. Repeatable.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the prompt, its size and the usual cost; no task."),
    ] = False,
    wait_for_answer: Annotated[
        bool, typer.Option("--wait", help="Wait for the answer and print it.")
    ] = False,
    title: Annotated[str | None, typer.Option(help="Default: the start of the question.")] = None,
    parent: Annotated[
        str | None,
        typer.Option("--continue", metavar="ID", help="Continue this task's conversation."),
    ] = None,
    developer: Annotated[
        str | None,
        typer.Option(metavar="TEXT|@FILE", help="A developer message before the question."),
    ] = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Send a question. Prints the id of the new task, or with --wait its answer."""
    with open_client() as client:
        given = read_input(client, source, files=files or (), parent=parent, developer=developer)
        if dry_run:
            print_preview(client, given, as_json=as_json)
            return
        task = send(client, given, title=title, parent=parent, key=key)
        if not wait_for_answer:
            task_output.print_accepted(task, as_json=as_json)
            return
        output.report(f"{task.id}: {formatting.single_line(task.title)}")
        task_output.finish_wait(wait_for_task(client, task.id), as_json=as_json)
