"""What the command line's exit codes mean, for scripts that have to decide."""

from enum import IntEnum

from backburner.client import BackburnerError, Task


class Exit(IntEnum):
    """Each with one remedy of its own; scripts rely on the numbers."""

    OK = 0
    NO_WHOLE_ANSWER = 1
    USAGE = 2
    AWAY = 3
    NOT_FOUND = 4
    UNSETTLED = 5
    INTERRUPTED = 130
    READER_GONE = 141


MEANINGS = {
    Exit.OK: "Done; for what waits: the task is completed.",
    Exit.NO_WHOLE_ANSWER: "The task ended as failed, incomplete or cancelled.",
    Exit.USAGE: "The command or the question cannot be taken as it is: change it.",
    Exit.AWAY: "No Backburner answers, or it cannot now: try again later.",
    Exit.NOT_FOUND: "No such task, it was deleted, or it has no answer.",
    Exit.UNSETTLED: "The task is unconfirmed, or its state, a limit or a right forbids this.",
    Exit.INTERRUPTED: "Ctrl-C; the task goes on, and the way back was printed.",
    Exit.READER_GONE: "What read the output went away.",
}


_ELSEWHERE = {"unexpected-reply", "not-found"}
"""It is not a Backburner, or not at this address: nothing is said of any task."""


def of_task(task: Task) -> Exit:
    """For a task that was waited for."""
    if task.status == "completed":
        return Exit.OK
    return Exit.NO_WHOLE_ANSWER if task.ended else Exit.UNSETTLED


def of_error(error: BackburnerError) -> Exit:
    """For a call that did not work."""
    if error.passing or error.kind in _ELSEWHERE:
        return Exit.AWAY
    match error.status:
        case 400 | 413 | 415 | 422 | 431:
            return Exit.USAGE
        case 404 | 410:
            return Exit.NOT_FOUND
        case int() as status if 400 < status < 500:  # noqa: PLR2004 -- the client's errors in HTTP
            return Exit.UNSETTLED
        case _:
            return Exit.AWAY
