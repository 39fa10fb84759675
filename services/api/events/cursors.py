"""Places in lists and event streams as clients see them: an owner must not count others' tasks.

The cursors behind them are the whole installation's, so two of an owner's own would tell how many
tasks or changes of others lie between.
"""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from hmac import compare_digest
from typing import Protocol


class CursorCodec(Protocol):
    """Shows cursors and reads them back; what it did not show itself is None."""

    def encode(self, number: int) -> str:
        """The number as a client is given it."""

    def decode(self, text: str) -> int | None:
        """The number that a client gives back."""


class PlainCursors:
    """Where everybody may see everything, they are what they are, and grow."""

    def encode(self, number: int) -> str:
        """As digits."""
        return str(number)

    def decode(self, text: str) -> int | None:
        """Any number, shown before or not."""
        return int(text) if re.fullmatch("[0-9]{1,15}", text) else None


class SealedCursors:
    """Where owners are told apart: a nonce, the number under a mask made of it, and a tag.

    Any holder of the same ``key`` reads them, so a client may go from one replica to another. The
    same number looks different each time: a heartbeat does not tell that something happened.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def encode(self, number: int) -> str:
        """24 bytes as 32 characters."""
        nonce = secrets.token_bytes(8)
        masked = self._masked(nonce, number.to_bytes(8))
        return urlsafe_b64encode(nonce + masked + self._hash(nonce + masked, b"tag")).decode()

    def decode(self, text: str) -> int | None:
        """None for whatever was not made with this key."""
        if not re.fullmatch("[A-Za-z0-9_-]{32}", text):
            return None
        sealed = urlsafe_b64decode(text)
        nonce, masked, tag = sealed[:8], sealed[8:16], sealed[16:]
        if not compare_digest(tag, self._hash(nonce + masked, b"tag")):
            return None
        return int.from_bytes(self._masked(nonce, masked))

    def _masked(self, nonce: bytes, number: bytes) -> bytes:
        mask = self._hash(nonce, b"mask")
        return bytes(one ^ other for one, other in zip(number, mask, strict=True))

    def _hash(self, text: bytes, use: bytes) -> bytes:
        return blake2b(text, digest_size=8, key=self._key, person=use).digest()
