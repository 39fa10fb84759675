"""What tests of the client share."""

import signal
from collections.abc import Iterator

import pytest

from tests.clients.stub import Stub, serving


@pytest.fixture
def stub() -> Iterator[Stub]:
    with serving() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Let commands get Ctrl-C although the tests are a shell's background job, which ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
