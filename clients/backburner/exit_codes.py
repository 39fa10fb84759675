"""The exit codes of the command line and what they mean."""

from enum import IntEnum

from backburner.client import BackburnerError, Task


class Exit(IntEnum):
    """One code for each thing to do next. Scripts rely on the numbers."""

    OK = 0
    NOT_COMPLETED = 1
    USAGE = 2
    UNAVAILABLE = 3
    NOT_FOUND = 4
    NOT_ALLOWED = 5
    PROGRAM_ERROR = 70
    IO_ERROR = 74
    INTERRUPTED = 130
    BROKEN_PIPE = 141


MEANINGS = {
    Exit.OK: "Success; for wait: the task is completed.",
    Exit.NOT_COMPLETED: "The task ended as failed, incomplete or cancelled.",
    Exit.USAGE: "The command or the question is invalid: change it.",
    Exit.UNAVAILABLE: "Backburner does not answer or is unavailable: try again later.",
    Exit.NOT_FOUND: "The task does not exist, was deleted, or has no answer.",
    Exit.NOT_ALLOWED: "The task is unconfirmed, or a status, limit, right or your no forbids this.",
    Exit.PROGRAM_ERROR: "A fault in this program: report the sentence that it printed.",
    Exit.IO_ERROR: "A result could not be written: the disk is full or the output is closed.",
    Exit.INTERRUPTED: "Ctrl-C. The task continues; the command to come back was printed.",
    Exit.BROKEN_PIPE: "The program that read the output has ended.",
}

_WRONG_ADDRESS = {"unexpected-reply", "not-found"}
"""Errors that say nothing about a task: the address is not that of a Backburner API."""


def of_task(task: Task) -> Exit:
    """Return the code after waiting for a task."""
    if task.status == "completed":
        return Exit.OK
    return Exit.NOT_COMPLETED if task.ended else Exit.NOT_ALLOWED


def of_error(error: BackburnerError) -> Exit:
    """Return the code for a failed call."""
    if error.retryable or error.kind in _WRONG_ADDRESS:
        return Exit.UNAVAILABLE
    match error.status:
        case 400 | 413 | 415 | 422 | 431:
            return Exit.USAGE
        case 404 | 410:
            return Exit.NOT_FOUND
        case int() as status if 400 < status < 500:  # noqa: PLR2004 -- the client's errors in HTTP
            return Exit.NOT_ALLOWED
        case _:
            return Exit.UNAVAILABLE
