"""What all commands share: the application, common options, the client and its errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Annotated, ParamSpec

import typer

from backburner import exit_codes, formatting, output
from backburner.client import BackburnerError, Client, InvalidSetting

RETRY_FOR_S = 5.0
"""How long a call is retried while the server is unavailable; waiting for a task has no limit."""

app = typer.Typer(
    help="Run long OpenAI tasks in the background and fetch their answers later.",
    epilog="Exit codes: "
    + " ".join(f"{code:d}: {text}" for code, text in exit_codes.MEANINGS.items()),
    no_args_is_help=True,
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
    """Turn an error of the server into a message and an exit code."""

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
def open_client(retry_for: float = RETRY_FOR_S) -> Iterator[Client]:
    """Open a client with the settings of the environment; each kind of retry is reported once."""
    reported: set[str] = set()

    def report_once(error: BackburnerError) -> None:
        if error.detail not in reported:
            output.report(f"{error.detail} Trying again.", "yellow")
        reported.add(error.detail)

    try:
        client = Client(retry_for=retry_for, on_retry=report_once)
    except InvalidSetting as error:
        raise typer.BadParameter(error.message, param_hint=error.name) from None
    with client:
        yield client
