"""Encrypts the secrets that sign outgoing webhooks, since signing needs them in the clear."""

import hmac
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from redis.asyncio import Redis

from shared.domain.errors import WebhookSecretUnreadable
from shared.store.cursor_key import cursor_key

SECRET_BYTES = 32


def new_secret() -> str:
    """A secret of Standard Webhooks."""
    return f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


class WebhookSecrets:
    """Encrypts with the first of the operator's ``keys``, and reads what any of them wrote.

    Without keys, the key lies in the store itself: who can read the store can then sign. The
    store's key is tried last, so that secrets from before the operator set a key can be read.
    """

    def __init__(self, redis: Redis, keys: Sequence[str] = ()) -> None:
        self._redis = redis
        self._keys = [Fernet(key) for key in keys]

    async def encrypt(self, secret: str) -> str:
        """The secret as the store keeps it."""
        return (await self._cipher()).encrypt(secret.encode()).decode()

    async def decrypt(self, kept: bytes) -> str:
        """The secret again. Raises WebhookSecretUnreadable where no key fits."""
        try:
            return (await self._cipher()).decrypt(kept).decode()
        except InvalidToken:
            raise WebhookSecretUnreadable from None

    async def _cipher(self) -> MultiFernet:
        # Read each time: a store that was emptied has another key.
        derived = hmac.digest(await cursor_key(self._redis), b"webhook secrets", "sha256")
        return MultiFernet([*self._keys, Fernet(urlsafe_b64encode(derived))])
