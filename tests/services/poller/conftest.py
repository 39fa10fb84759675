"""The poller's surroundings in one process: a store, and a provider that the test scripts."""

import pytest
from redis.asyncio import Redis

from shared.store import SubmissionGate
from tests.shared.conftest import redis, store

__all__ = ["gate", "redis", "store"]


@pytest.fixture
def gate(redis: Redis) -> SubmissionGate:
    return SubmissionGate(redis, "openai")
