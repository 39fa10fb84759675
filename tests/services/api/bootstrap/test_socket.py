"""The process makes room for its clients, as far as it is let."""

import sys
from pathlib import Path

import pytest

from tests.harness import Installation, eventually, free_port

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(("limit", "raised"), [("-S -n 256", 1200), ("-n 600", 600)])
def test_it_raises_its_descriptor_limit(
    limit: str, raised: int, installation: Installation
) -> None:
    installation.valkey()
    process = installation.start(
        "api",
        ["sh", "-c", f"ulimit {limit}; exec {sys.executable} -m services.api"],
        {"REDIS_URL": installation.redis_url, "BACKBURNER_PORT": str(free_port())},
    )
    limits = Path(f"/proc/{process.popen.pid}/limits")
    if not limits.exists():
        pytest.skip("looking into another process needs Linux's /proc")
    eventually(lambda: "api_started" in process.output, "the API has started")
    (line,) = [
        line for line in limits.read_text().splitlines() if line.startswith("Max open files")
    ]
    assert int(line.split()[3]) == raised
