"""Cursors of lists and event streams, encoded so that an owner cannot count others' tasks.

Positions are the whole installation's: two positions of an owner would tell how many tasks or
changes of other owners lie between them.
"""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class CursorCodec(Protocol):
    """Encodes positions as cursors and decodes the cursors that it encoded."""

    def encode(self, number: int) -> str:
        """The cursor of a position."""

    def decode(self, text: str) -> int | None:
        """The position of a cursor, or None for any other text."""


class PlainCursors:
    """Decimal positions, increasing: for an installation without tokens, hence without owners."""

    def encode(self, number: int) -> str:
        """The position in digits."""
        return str(number)

    def decode(self, text: str) -> int | None:
        """Any number of at most 15 digits."""
        return int(text) if re.fullmatch("[0-9]{1,15}", text) else None


class EncryptedCursors:
    """AES-GCM under a ``key`` of 32 bytes that all replicas of the API share.

    The nonce is random, so the same position looks different each time: an event stream's
    heartbeat does not tell that something happened.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encode(self, number: int) -> str:
        """Nonce, position and tag: 36 bytes as 48 characters."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        encrypted = self._cipher.encrypt(nonce, number.to_bytes(8), None)
        return urlsafe_b64encode(nonce + encrypted).decode()

    def decode(self, text: str) -> int | None:
        """None for text that was not encoded under this key."""
        if not re.fullmatch("[A-Za-z0-9_-]{48}", text):
            return None
        data = urlsafe_b64decode(text)
        try:
            return int.from_bytes(
                self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], None)
            )
        except InvalidTag:
            return None
