"""What can come of one call to the provider, as values that a decision can be made on."""

from collections.abc import Mapping
from dataclasses import dataclass

MAX_BODY_BYTES = 16 * 1024 * 1024
"""Bytes of one reply that are read; the longest answers known are a hundredth of it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The provider answered; header names are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ConnectFailed:
    """No connection came about, so nothing can have arrived."""

    reason: str


@dataclass(frozen=True, slots=True)
class NoReply:
    """The call may have arrived; its answer did not."""

    reason: str


@dataclass(frozen=True, slots=True)
class BodyTooLarge:
    """The answer is longer than ``limit`` bytes and was not read to its end."""

    limit: int


CallResult = Reply | ConnectFailed | NoReply | BodyTooLarge
