"""Why the provider brings a task no further."""

from dataclasses import dataclass

MAX_MESSAGE_CHARS = 500
"""The rest of a message is cut: lists of tasks carry it."""

MIN_FAILED = 2
"""Attempts in a row without a usable answer from which that is told: one alone happens."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What the last attempt met: ``code`` is one word, ``message`` may quote the provider."""

    code: str
    message: str


def problem_fields(problem: Problem | None) -> dict[str, str | None]:
    """As the record holds it."""
    if problem is None:
        return {"problem_code": None, "problem_message": None}
    return {"problem_code": problem.code, "problem_message": problem.message[:MAX_MESSAGE_CHARS]}
