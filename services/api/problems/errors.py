"""Errors of the API beyond those of the store; error_responses.py maps each to a response."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.errors import BackburnerError


class InvalidRequest(BackburnerError):
    """The request is invalid; ``errors`` are (field, what to do)."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__(errors)
        self.errors = errors


class InvalidParameter(InvalidRequest):
    """The same in a call of OpenAI's API, which has another status for it."""


@dataclass(eq=False)
class ResponseNotFound(BackburnerError):
    """There is no response with this id, or not for this caller, or no more."""

    response_id: str


@dataclass(eq=False)
class ModelNotFound(BackburnerError):
    """There is no such model here; ``available`` is the only one."""

    model: str
    available: str


class Unauthenticated(BackburnerError):
    """No valid token was sent."""


class AdminRequired(BackburnerError):
    """The token is valid, but is not an admin's."""


@dataclass(eq=False)
class AnswerNotAvailable(BackburnerError):
    """The task has not ended yet, or ended without an answer.

    ``response``: there is an object of the provider, but no text in it.
    """

    ended: bool
    response: bool = False


class InvalidState(BackburnerError):
    """The status of the task does not allow the action; ``hint`` says what to do instead."""

    def __init__(self, status: str, hint: str) -> None:
        super().__init__(status, hint)
        self.status = status
        self.hint = hint


class BadSignature(BackburnerError):
    """OpenAI did not sign this webhook, or signed it too long ago."""


@dataclass(eq=False)
class NotAcceptable(BackburnerError):
    """The Accept header allows none of the media types offered."""

    media_types: Sequence[str]


@dataclass(eq=False)
class UnsupportedMediaType(BackburnerError):
    """The Content-Type is none of those accepted."""

    media_types: Sequence[str]


@dataclass(eq=False)
class BodyTooLarge(BackburnerError):
    """The body exceeds what this call accepts: ``limit`` bytes."""

    limit: int


@dataclass(eq=False)
class MalformedBody(BackburnerError):
    """The body is not what its Content-Type says; ``reason`` completes "The body …"."""

    reason: str


class SearchIndexNotReady(BackburnerError):
    """The search index does not contain all tasks yet."""


@dataclass(eq=False)
class TooManySubscribers(BackburnerError):
    """No more than ``limit`` clients, or with ``own`` clients of the owner, may follow events."""

    limit: int
    own: bool = False
