"""The possible results of one call to the provider, as values to decide on."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

MAX_BODY_BYTES = 16 * 1024 * 1024
"""Limit for one reply. The longest known answers reach a hundredth of it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The provider answered. Header names are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ConnectFailed:
    """No connection was established, so the provider received nothing."""

    reason: str


@dataclass(frozen=True, slots=True)
class NoReply:
    """The provider may have received the request; no complete reply came back."""

    reason: str


@dataclass(frozen=True, slots=True)
class BodyTooLarge:
    """The reply exceeds ``limit`` bytes and was not read to its end."""

    limit: int


CallResult = Reply | ConnectFailed | NoReply | BodyTooLarge


def error_kind(result: CallResult) -> str | None:
    """What went wrong, as one word: a status that is no success included. None: nothing."""
    match result:
        case Reply(status) if HTTPStatus(200) <= status < HTTPStatus(300):
            return None
        case Reply(status):
            return str(status)
        case ConnectFailed():
            return "connect_failed"
        case NoReply():
            return "no_reply"
        case BodyTooLarge():
            return "body_too_large"
