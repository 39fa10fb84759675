"""Runs the command line: every failure becomes a sentence and an exit code of its own."""

import errno
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import typer
from typer.exceptions import TyperException

from backburner import output
from backburner.cli.app import app
from backburner.exit_codes import Exit


def main() -> None:
    """Run the command line. Characters that the locale cannot show become question marks."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = _run()
    except OSError as error:
        code = _output_failed(error)
    sys.exit(code)


def _run() -> int:
    """Run the command and return its exit code. Raises OSError."""
    for number, argument in enumerate(sys.argv[1:], 1):
        if not argument.isprintable() and not _is_unicode(argument):
            output.report(f"Argument {number} is not UTF-8 text: {argument!a}.", "red")
            return Exit.USAGE
    try:
        return app(prog_name="backburner", standalone_mode=False) or Exit.OK
    except TyperException as error:
        if message := error.format_message():
            output.report(message, "red")
            output.report(f"See: {' '.join(['backburner', *_command()])} --help")
        return error.exit_code
    except typer.Abort:
        return Exit.NOT_ALLOWED
    except SystemExit as end:  # by Typer and Rich, only if a pipe is closed
        return Exit.BROKEN_PIPE if end.code == 1 else int(end.code or 0)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 -- a traceback is no answer to a person or a script
        output.report(f"Fault in backburner: {_describe(error)}. Please report it.", "red")
        return Exit.PROGRAM_ERROR


def _output_failed(error: OSError) -> Exit:
    output.discard(sys.stdout)
    if error.errno == errno.EPIPE:
        output.discard(sys.stderr)
        return Exit.BROKEN_PIPE
    with suppress(OSError):
        output.report(f"{error.filename or 'The system'}: {error.strerror}.", "red")
    output.discard(sys.stderr)
    return Exit.IO_ERROR


def _command() -> list[str]:
    """The name of the command that was called, if it exists."""
    commands, groups = app.registered_commands, app.registered_groups
    names = {each.name or getattr(each.callback, "__name__", "") for each in commands}
    names |= {group.name or "" for group in groups}
    return [name for name in sys.argv[1:2] if name in names]


def _describe(error: Exception) -> str:
    """The error and its place, without values of the person's texts."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
