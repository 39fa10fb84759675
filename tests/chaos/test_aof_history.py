"""The store's own log is read as it is written, by the real server."""

import pytest

from tests.chaos.aof_history import History, histories
from tests.harness import Installation


@pytest.mark.integration
def test_every_status_and_poll_is_read_from_the_append_only_file(
    installation: Installation,
) -> None:
    installation.valkey()
    store = installation.store
    store.hset("backburner:task:a", "status", "queued")
    store.hset(
        "backburner:task:a", mapping={"status": "submitting", "change_token": "*3\r\n$1\r\n"}
    )
    store.hset("backburner:task:a", "last_polled_at", "1500")
    store.hset("backburner:task:a", "status", "submitting")
    store.hset("backburner:spending:simulator", "status", "none")
    store.set("backburner:task:a:input", "status completed")

    found = histories(installation.folder / "valkey" / "appendonlydir")

    assert found == {"a": History(["queued", "submitting"], [1.5])}
