"""The commands that decide about a task: cancel, retry, adopt, abandon and delete."""

from typing import Annotated

import typer

from backburner import output, task_output
from backburner.cli.app import Id, Json, Key, app, open_client, with_exit_codes
from backburner.cli.confirm import confirm
from backburner.exit_codes import Exit
from backburner.wait_display import shell_command


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
    if not confirm(f"Delete {task_id} and its answer for good?", yes=yes):
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
