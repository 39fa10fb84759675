"""What can come of one call to the provider, as values that a decision can be made on."""

from collections.abc import Mapping
from dataclasses import dataclass

MAX_BODY = 16 * 1024 * 1024
"""Bytes of one reply that are read; the longest answers known are a hundredth of it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The provider answered; header names are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unsent:
    """No connection came about, so nothing can have arrived."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The call may have arrived; its answer did not."""

    reason: str


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The answer is longer than ``limit`` bytes and was not read to its end."""

    limit: int


Outcome = Reply | Unsent | Lost | TooLarge
