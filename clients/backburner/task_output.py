"""Prints a task: its status to stderr, its id, row, answer or JSON to stdout."""

import sys
from datetime import datetime

import typer
from rich.text import Text

from backburner import exit_codes, output
from backburner.client import Task
from backburner.exit_codes import Exit
from backburner.formatting import format_progress, format_result, single_line
from backburner.wait_display import shell_command

STATUS_STYLES = {
    "completed": "green",
    "in_progress": "cyan",
    "unconfirmed": "bold yellow",
    "incomplete": "yellow",
    "failed": "red",
}


def print_accepted(task: Task, *, as_json: bool) -> None:
    """Print the id of a new task, and the command that waits for it."""
    if task.replayed:
        output.report("This key was used before. This is the task that was created with it.")
    output.report(f"Accepted. Wait for its answer:\n  {shell_command('wait', task.id)}")
    if as_json:
        output.write_json(task.body)
    else:
        output.write(task.id)


def print_changed(task: Task, *, as_json: bool) -> None:
    """Print the result of an action on a task."""
    output.report(format_result(task), STATUS_STYLES.get(task.status, ""))
    if as_json:
        output.write_json(task.body)


def finish_wait(task: Task, *, as_json: bool) -> None:
    """Print the answer, or the ways on from an unconfirmed task; exit with the matching code."""
    print_changed(task, as_json=as_json)
    if task.status == "unconfirmed":
        actions = (("adopt", "RESPONSE_ID"), ("retry",), ("abandon",))
        commands = (shell_command(name, task.id, *rest) for name, *rest in actions)
        output.report("It may have been paid for, so it is not sent again automatically. Decide:")
        output.report("\n".join(f"  {each}" for each in commands))
    if task.output_text and not as_json:
        output.write_answer(task.output_text)
    raise typer.Exit(exit_codes.of_task(task))


def print_answer(task: Task) -> None:
    """Print only the answer; exit with NOT_FOUND if there is none."""
    print_changed(task, as_json=False)
    if not task.output_text:
        output.report(f"{task.id} has no answer.", "red")
        raise typer.Exit(Exit.NOT_FOUND)
    output.write_answer(task.output_text)


def print_heading(task: Task, now: datetime) -> None:
    """Print the title, the status and the related tasks."""
    status = format_result(task) if task.ended else format_progress(task, now, None)
    relations = (("Continues", task.parent_id), ("Retry of", task.retry_of))
    lines = [status, *(f"{relation} {other}" for relation, other in relations if other)]
    title, *rest = map(single_line, [task.title, *lines])
    if not output.is_terminal(sys.stdout):
        output.write("\n\n".join([f"# {title}", *rest, ""]))
        return
    output.stdout().print(Text(title, "bold"))
    for each in rest:
        output.stdout().print(Text(each, "dim"), soft_wrap=True)


def print_row(task: Task) -> None:
    """Print two lines on a terminal, with the id never cut; one with tabs in a pipe."""
    title, cost = single_line(task.title), task.cost_usd
    if not output.is_terminal(sys.stdout):
        written_cost = "" if cost is None else f"{cost:.4f}"
        output.write(
            "\t".join((task.id, task.status, task.body["created_at"], written_cost, title))
        )
        return
    created = task.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    status = Text(task.status, STATUS_STYLES.get(task.status, ""))
    facts = Text(f"  {created}" + (f"  ${cost:.2f}" if cost else ""), "dim")
    output.stdout().print(Text(f"{task.id}  ") + status + facts, soft_wrap=True)
    output.stdout().print(Text(f"  {title}"), no_wrap=True, overflow="ellipsis")
