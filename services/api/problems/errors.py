"""What can be wrong with a request, beyond what the store says; problems.py answers each."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.errors import BackburnerError


class InvalidRequest(BackburnerError):
    """A request that cannot be taken; ``errors`` are (field, what to do)."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__(errors)
        self.errors = errors


class NoAnswer(BackburnerError):
    """The task has no answer, or none yet."""


class WrongState(BackburnerError):
    """The task is not in a state in which this can be done; ``remedy`` says what can."""

    def __init__(self, status: str, remedy: str) -> None:
        super().__init__(status, remedy)
        self.status = status
        self.remedy = remedy


class BadSignature(BackburnerError):
    """A webhook that the provider did not sign."""


@dataclass(eq=False)
class NotAcceptable(BackburnerError):
    """The client accepts none of the forms in which this can be had."""

    forms: Sequence[str]


@dataclass(eq=False)
class UnsupportedMediaType(BackburnerError):
    """The body comes in none of the forms in which it can be taken."""

    forms: Sequence[str]


@dataclass(eq=False)
class NotJson(BackburnerError):
    """The body is said to be JSON; ``why`` it is not, and from where on."""

    why: str


class SearchRebuilding(BackburnerError):
    """The search index does not hold all tasks yet."""
