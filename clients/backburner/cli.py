"""The command line: every call of the API, for people in a terminal and for scripts."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Literal, ParamSpec

import typer

from backburner import exit_codes, formatting, output, task_output
from backburner.client import BackburnerError, Client, Task
from backburner.exit_codes import Exit
from backburner.submit_input import submit_from_input
from backburner.wait_display import shell_command, wait_for_task

RETRY_FOR_S = 5.0
"""How long a call is retried while the server is unavailable; waiting for a task has no limit."""

app = typer.Typer(
    help="Run long OpenAI tasks in the background and fetch their answers later.",
    epilog="Exit codes: "
    + " ".join(f"{code:d}: {text}" for code, text in exit_codes.MEANINGS.items()),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_P = ParamSpec("_P")
Id = Annotated[str, typer.Argument(metavar="ID", help="The task's id.", show_default=False)]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document; an error is one, too.")
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key", help="Idempotency-Key: repeating the command with it makes no second task."
    ),
]


def with_exit_codes(run: Callable[_P, None]) -> Callable[_P, None]:
    """Turn an error of the command into a message and an exit code, without a traceback."""

    @wraps(run)
    def wrapped(*arguments: _P.args, **options: _P.kwargs) -> None:
        try:
            run(*arguments, **options)
        except BackburnerError as error:
            output.report(formatting.format_error(error), "red")
            if options.get("as_json"):
                output.write_json(error.document)
            raise typer.Exit(exit_codes.of_error(error)) from None

    return wrapped


@contextmanager
def open_client() -> Iterator[Client]:
    """Open a client with the settings of the environment; each kind of retry is reported once."""
    reported: set[str] = set()

    def report_once(error: BackburnerError) -> None:
        if error.detail not in reported:
            output.report(f"{error.detail} Trying again.", "yellow")
        reported.add(error.detail)

    try:
        client = Client(retry_for=RETRY_FOR_S, on_retry=report_once)
    except ValueError as error:
        hint = "BACKBURNER_URL, BACKBURNER_TOKEN"
        raise typer.BadParameter(str(error), param_hint=hint) from None
    with client:
        yield client


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
        task = submit_from_input(
            client, source, title=title, parent=parent, developer=developer, key=key
        )
        if not wait_for_answer:
            task_output.print_accepted(task, as_json=as_json)
            return
        output.report(f"{task.id}: {formatting.single_line(task.title)}")
        task_output.finish_wait(wait_for_task(client, task.id), as_json=as_json)


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
def cancel(task_id: Id, *, as_json: Json = False) -> None:
    """Cancel a task, at OpenAI too."""
    with open_client() as client:
        task_output.print_changed(client.cancel(task_id), as_json=as_json)


@app.command()
@with_exit_codes
def retry(task_id: Id, *, key: Key = None, as_json: Json = False) -> None:
    """Send a task again as a new one, which costs again. Prints the new id."""
    with open_client() as client:
        task_output.print_accepted(client.retry(task_id, idempotency_key=key), as_json=as_json)


@app.command()
@with_exit_codes
def adopt(
    task_id: Id,
    response_id: Annotated[str, typer.Argument(metavar="RESPONSE_ID", show_default=False)],
    *,
    as_json: Json = False,
) -> None:
    """Attach a response id to an unconfirmed task. The poller checks it."""
    with open_client() as client:
        task_output.print_changed(client.adopt(task_id, response_id), as_json=as_json)


@app.command()
@with_exit_codes
def abandon(task_id: Id, *, as_json: Json = False) -> None:
    """Give up an unconfirmed task: it ends as failed."""
    with open_client() as client:
        task_output.print_changed(client.abandon(task_id), as_json=as_json)


@app.command()
@with_exit_codes
def delete(
    task_id: Id,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: Json = False,
) -> None:
    """Delete an ended task at OpenAI and here. Prints the receipt."""
    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("Standard input is not a terminal, so add --yes to confirm.")
    if not yes and not typer.confirm(f"Delete {task_id} and its answer for good?", err=True):
        raise typer.Exit(Exit.NOT_ALLOWED)
    with open_client() as client:
        receipt = client.delete(task_id)
        if receipt is None:
            output.report(
                f"The deletion is running. For its receipt:\n  {shell_command('delete', task_id)}"
            )
        if as_json:
            output.write_json(client.get(task_id).body if receipt is None else receipt)
        elif receipt:
            output.write(f"{receipt['provider']['message']} Here: {receipt['here']}.")
        if receipt is None:
            raise typer.Exit(Exit.NOT_ALLOWED)


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
        raise typer.BadParameter(f"{file}: {error.strerror}.", param_hint="-o") from None


def main() -> None:
    """Run the command line. Characters that the locale cannot show become question marks."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app(prog_name="backburner")
