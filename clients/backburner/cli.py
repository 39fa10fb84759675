"""The command line: every call of the interface for people who live in a terminal, and scripts."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Literal, ParamSpec

import typer
from rich.text import Text

from backburner import exits, screen, words
from backburner.client import BackburnerError, Client, Task
from backburner.composing import hand_in
from backburner.exits import Exit
from backburner.watching import command, watch

PATIENCE = 5.0
"""Seconds for which a call is repeated while nobody answers; waiting for a task has no end."""

STYLES = {
    "completed": "green",
    "in_progress": "cyan",
    "unconfirmed": "bold yellow",
    "incomplete": "yellow",
    "failed": "red",
}

app = typer.Typer(
    help="Long gpt-5-pro answers, kept cooking while nobody watches.",
    epilog="Exit codes: " + " ".join(f"{code:d}: {text}" for code, text in exits.MEANINGS.items()),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_P = ParamSpec("_P")
Id = Annotated[str, typer.Argument(metavar="ID", help="The task's id.", show_default=False)]
Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout; a problem is one too.")
]
Key = Annotated[
    str | None,
    typer.Option("--key", help="The Idempotency-Key: repeated with it, this makes no second task."),
]


def reporting(run: Callable[_P, None]) -> Callable[_P, None]:
    """The command with its problems told in words and by an exit code, never by a traceback."""

    @wraps(run)
    def told(*arguments: _P.args, **options: _P.kwargs) -> None:
        try:
            run(*arguments, **options)
        except BackburnerError as error:
            screen.say(words.complaint(error), "red")
            if options.get("as_json"):
                screen.write_json(error.document)
            raise typer.Exit(exits.of_error(error)) from None

    return told


@contextmanager
def connected() -> Iterator[Client]:
    """A client of the Backburner that the environment names; it says so when nobody answers."""
    told: set[str] = set()

    def tell(error: BackburnerError) -> None:
        if error.detail not in told:
            screen.say(f"{error.detail} Trying again.", "yellow")
        told.add(error.detail)

    try:
        client = Client(patience=PATIENCE, on_trouble=tell)
    except ValueError as error:
        hint = "BACKBURNER_URL, BACKBURNER_TOKEN"
        raise typer.BadParameter(str(error), param_hint=hint) from None
    with client:
        yield client


@app.command()
@reporting
def submit(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="Markdown with the question, - for standard input, or an export (.md, .json).",
            show_default=False,
        ),
    ],
    *,
    wait_for_it: Annotated[
        bool, typer.Option("--wait", help="Wait for the answer, and print it.")
    ] = False,
    title: Annotated[str | None, typer.Option(help="By default how the question begins.")] = None,
    parent: Annotated[
        str | None, typer.Option("--continue", metavar="ID", help="Go on from this task's answer.")
    ] = None,
    developer: Annotated[
        str | None,
        typer.Option(metavar="TEXT|@FILE", help="A developer message before the question."),
    ] = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Hand in a question; prints the new task's id, or with --wait its answer."""
    with connected() as client:
        task = hand_in(client, source, title=title, parent=parent, developer=developer, key=key)
        if not wait_for_it:
            _accepted(task, as_json=as_json)
            return
        screen.say(f"{task.id}: {words.line(task.title)}")
        _settled(watch(client, task.id), as_json=as_json)


@app.command("list")
@reporting
def list_tasks(
    *,
    status: Annotated[str | None, typer.Option(help="Only tasks in this state.")] = None,
    search: Annotated[
        str | None, typer.Option(help='Words, "a phrase" or a prefix* in title, prompt or answer.')
    ] = None,
    after: Annotated[
        str | None, typer.Option(help="Only those created then or later: 2026-11-01 (00:00 UTC).")
    ] = None,
    before: Annotated[
        str | None, typer.Option(help="Only those created before then: 2026-11-23T09:00:00Z.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """List tasks, newest first; where no person reads it one a line, with tabs."""
    with connected() as client:
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
            screen.write_json({"data": [task.body for task in found], "next_cursor": cursor})
        for task in [] if as_json else found:
            _row(task)
        if not found:
            screen.say("There are no such tasks.")


@app.command()
@reporting
def show(
    task_id: Id,
    *,
    answer: Annotated[bool, typer.Option("--answer", help="Only the answer, as Markdown.")] = False,
    as_json: Json = False,
) -> None:
    """Show a task with its answer, if it has one."""
    with connected() as client:
        task = client.get(task_id)
        if as_json:
            screen.write_json(task.body)
        elif answer:
            _only_answer(task)
        else:
            _heading(task, client.now())
            if task.output_text:
                screen.write_answer(task.output_text)


@app.command()
@reporting
def wait(task_id: Id, *, as_json: Json = False) -> None:
    """Wait for a task and print its answer. Ctrl-C leaves it running."""
    with connected() as client:
        _settled(watch(client, task_id), as_json=as_json)


@app.command()
@reporting
def cancel(task_id: Id, *, as_json: Json = False) -> None:
    """Stop a task, at OpenAI too."""
    with connected() as client:
        _changed(client.cancel(task_id), as_json=as_json)


@app.command()
@reporting
def retry(task_id: Id, *, key: Key = None, as_json: Json = False) -> None:
    """Send a task again as a new one, with a cost of its own; prints the new one's id."""
    with connected() as client:
        _accepted(client.retry(task_id, idempotency_key=key), as_json=as_json)


@app.command()
@reporting
def adopt(
    task_id: Id,
    response_id: Annotated[str, typer.Argument(metavar="RESPONSE_ID", show_default=False)],
    *,
    as_json: Json = False,
) -> None:
    """Name the response of an unconfirmed task; a poller checks that it is."""
    with connected() as client:
        _changed(client.adopt(task_id, response_id), as_json=as_json)


@app.command()
@reporting
def abandon(task_id: Id, *, as_json: Json = False) -> None:
    """Give up an unconfirmed task."""
    with connected() as client:
        _changed(client.abandon(task_id), as_json=as_json)


@app.command()
@reporting
def delete(
    task_id: Id,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Remove an ended task at OpenAI and here, and print the receipt."""
    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("There is nobody to ask: add --yes.")
    if not yes and not typer.confirm(f"Remove {task_id} and its answer for good?", err=True):
        raise typer.Exit(Exit.UNSETTLED)
    with connected() as client:
        receipt = client.delete(task_id)
        if receipt is None:
            screen.say(f"It is under way. See what came of it:\n  {command('delete', task_id)}")
        if as_json:
            screen.write_json(client.get(task_id).body if receipt is None else receipt)
        elif receipt:
            screen.write(f"{receipt['provider']['message']} Here: {receipt['here']}.")
        if receipt is None:
            raise typer.Exit(Exit.UNSETTLED)


@app.command()
@reporting
def export(
    task_id: Id,
    *,
    thread: Annotated[bool, typer.Option("--thread", help="With all it belongs to.")] = False,
    form: Annotated[
        Literal["md", "json"] | None,
        typer.Option("--format", help="By default what FILE ends in, else md.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Instead of stdout.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Write a task, or its whole thread, as a document that `submit` takes."""
    json_wanted = as_json or form == "json"
    if form is None and output is not None and output.suffix == ".json":
        json_wanted = True
    with connected() as client:
        document = client.export(task_id, form="json" if json_wanted else "markdown", thread=thread)
    if output is None:
        screen.write_bytes(document.encode())
        return
    try:
        output.write_text(document, encoding="utf-8", newline="")
    except OSError as error:
        raise typer.BadParameter(f"{output}: {error.strerror}.", param_hint="-o") from None


def _accepted(task: Task, *, as_json: bool) -> None:
    if task.replayed:
        screen.say("This key was used before; this is the task that it made.")
    screen.say(f"Accepted. Wait for its answer:\n  {command('wait', task.id)}")
    if as_json:
        screen.write_json(task.body)
    else:
        screen.write(task.id)


def _changed(task: Task, *, as_json: bool) -> None:
    screen.say(words.outcome(task), STYLES.get(task.status, ""))
    if as_json:
        screen.write_json(task.body)


def _settled(task: Task, *, as_json: bool) -> None:
    """What came of waiting, and the exit code that says so."""
    screen.say(words.outcome(task), STYLES.get(task.status, ""))
    if task.status == "unconfirmed":
        ways = (("adopt", "RESPONSE_ID"), ("retry",), ("abandon",))
        commands = (command(way, task.id, *rest) for way, *rest in ways)
        screen.say("It may have been paid, so it is not sent again by itself. Decide:")
        screen.say("\n".join(f"  {each}" for each in commands))
    if as_json:
        screen.write_json(task.body)
    elif task.output_text:
        screen.write_answer(task.output_text)
    raise typer.Exit(exits.of_task(task))


def _only_answer(task: Task) -> None:
    screen.say(words.outcome(task), STYLES.get(task.status, ""))
    if not task.output_text:
        screen.say(f"{task.id} has no answer.", "red")
        raise typer.Exit(Exit.NOT_FOUND)
    screen.write_answer(task.output_text)


def _heading(task: Task, now: datetime) -> None:
    standing = words.outcome(task) if task.ended else words.progress(task, now, None)
    relations = (("Continues", task.parent_id), ("Retry of", task.retry_of))
    lines = [standing, *(f"{relation} {other}" for relation, other in relations if other)]
    if not sys.stdout.isatty():
        screen.write("\n\n".join([f"# {words.line(task.title)}", *map(words.line, lines), ""]))
        return
    screen.stdout().print(Text(words.line(task.title), "bold"))
    for each in lines:
        screen.stdout().print(Text(words.line(each), "dim"), soft_wrap=True)


def _row(task: Task) -> None:
    """Two lines for a person, whatever the width: an id is never cut; or one for a program."""
    title, cost = words.line(task.title), "" if task.cost_usd is None else f"{task.cost_usd:.4f}"
    if not sys.stdout.isatty():
        fields = (task.id, task.status, task.body["created_at"], cost, title)
        screen.write("\t".join(fields))
        return
    created = task.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    status = Text(task.status, STYLES.get(task.status, ""))
    facts = Text(f"  {created}" + (f"  ${task.cost_usd:.2f}" if task.cost_usd else ""), "dim")
    screen.stdout().print(Text(f"{task.id}  ") + status + facts, soft_wrap=True)
    screen.stdout().print(Text(f"  {title}"), no_wrap=True, overflow="ellipsis")


def main() -> None:
    """Run the command line. What a locale cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app(prog_name="backburner")
