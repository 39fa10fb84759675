"""The poller's surroundings in one process: a store, and a provider that the test scripts."""

import pytest
from redis.asyncio import Redis

from shared.store import Store, SubmissionGate
from tests.services.poller.job_runner import JobRunner
from tests.shared.conftest import redis, store

__all__ = ["gate", "redis", "store"]


@pytest.fixture
def gate(redis: Redis) -> SubmissionGate:
    return SubmissionGate(redis, "openai")


@pytest.fixture
def jobs(store: Store, gate: SubmissionGate) -> JobRunner:
    return JobRunner(store, gate)
