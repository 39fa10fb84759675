"""Secrets of webhooks are encrypted with the operator's key where there is one."""

import pytest
from cryptography.fernet import Fernet
from redis.asyncio import Redis

from shared.domain.errors import WebhookSecretUnreadable
from shared.store.webhook_secrets import WebhookSecrets, new_secret

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


async def test_a_key_that_is_replaced_reads_what_the_old_one_and_the_stores_wrote(
    redis: Redis,
) -> None:
    secret = new_secret()
    for keys in ([], [OLD], [NEW, OLD]):
        kept = (await WebhookSecrets(redis, keys).encrypt(secret)).encode()
        assert secret.encode() not in kept
        assert await WebhookSecrets(redis, [NEW, OLD]).decrypt(kept) == secret


async def test_the_store_alone_does_not_read_a_secret_under_the_operators_key(
    redis: Redis,
) -> None:
    kept = (await WebhookSecrets(redis, [OLD]).encrypt(new_secret())).encode()
    for keys in ([], [NEW]):
        with pytest.raises(WebhookSecretUnreadable):
            await WebhookSecrets(redis, keys).decrypt(kept)
