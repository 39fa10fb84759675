"""What tests of every area share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.harness import Installation

# How long an example takes is the machine's affair: other tests run beside it.
settings.register_profile("patient", parent=settings.default, deadline=None)
settings.load_profile("patient")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A real installation, empty: the test starts the pieces it needs."""
    with Installation(tmp_path) as pieces:
        yield pieces


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    # The pages show webhooks to hooks.example, a name that does not exist.
    environment = {"BACKBURNER_WEBHOOK_ALLOW": "hooks.example"}
    with Installation(tmp_path_factory.mktemp("running"), environment) as pieces:
        yield pieces.all()


@pytest.fixture
def running(_shared: Installation) -> Installation:
    """One of everything, up and ready, shared by all tests that leave it as they found it."""
    _shared.clear_faults()
    return _shared
