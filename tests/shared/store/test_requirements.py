"""A store that may lose what it acknowledged is named for what it is."""

import asyncio
import os
import signal
from typing import Any

import pytest
import redis
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError
from structlog.testing import capture_logs

from shared.domain.errors import StoreUnsafe
from shared.store.requirements import problems, require_safe, unsettled
from tests.harness import Installation, eventually

SAFE: dict[str, Any] = {
    "redis_version": "7.2.4",
    "aof_enabled": 1,
    "maxmemory_policy": "noeviction",
    "cluster_enabled": 0,
}


class Server:
    """Answers INFO, and how it syncs its file unless, as managed ones do, it forbids to ask."""

    def __init__(self, appendfsync: str | None = "always", **said: Any) -> None:
        self.connection_pool = self
        self._said = SAFE | said
        self._appendfsync = appendfsync

    async def info(self) -> dict[str, Any]:
        return self._said

    async def config_get(self, name: str) -> dict[str, str]:
        if self._appendfsync is None:
            raise NoPermissionError
        return {name: self._appendfsync}


class LoadingServer(Server):
    """Reports that it loads, with its append-only file off, for the first ``looks`` times."""

    def __init__(self, looks: int, **said: Any) -> None:
        super().__init__(**said)
        self._looks = looks

    async def disconnect(self) -> None:
        """Do what the pool does."""

    async def info(self) -> dict[str, Any]:
        self._looks -= 1
        return self._said if self._looks < 0 else self._said | {"loading": 1, "aof_enabled": 0}


@pytest.mark.parametrize(
    ("said", "behind_sentinels", "reason"),
    [
        ({}, True, None),
        ({"loading": 0, "master_failover_state": "no-failover"}, False, None),
        ({"loading": 1, "loading_loaded_perc": 12.5, "aof_enabled": 0}, False, "loading (12.5 %)"),
        ({"async_loading": 1, "role": "slave"}, False, None),
        ({"role": "slave", "master_sync_in_progress": 1}, True, "Sentinels name a replica"),
        ({"master_failover_state": "failover-in-progress"}, False, "failover"),
    ],
)
def test_a_store_is_judged_once_it_is_loaded_and_no_failover_is_under_way(
    said: dict[str, Any], *, behind_sentinels: bool, reason: str | None
) -> None:
    assert unsettled(SAFE | said, behind_sentinels=behind_sentinels) == reason


async def test_a_loading_store_is_awaited_and_then_judged() -> None:
    with capture_logs() as logs:
        assert await require_safe(LoadingServer(30), unsafe_accepted=False, retry_interval_s=0)
    assert [line["event"] for line in logs] == ["store_awaited"] * 2
    with pytest.raises(StoreUnsafe) as refused:
        await require_safe(
            LoadingServer(1, aof_enabled=0), unsafe_accepted=False, retry_interval_s=0
        )
    assert "appendonly yes" in refused.value.problems[0]


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"cluster_enabled": 1}, "without cluster mode"),
        ({"redis_version": "7.0.15"}, "version 7.0.15"),
        ({"redis_version": "6"}, "version 6"),
        ({"aof_enabled": 0}, "appendonly yes"),
        ({"role": "slave"}, "point REDIS_URL at the master"),
        ({"role": "slave", "master_sync_in_progress": 1, "aof_enabled": 0}, "at the master"),
        ({"maxmemory_policy": "allkeys-lru"}, "maxmemory-policy noeviction"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_unsafe_store_is_refused_unless_accepted(said: dict[str, Any], named: str) -> None:
    assert [named in problem for problem in problems(SAFE | said)] == [True]
    with pytest.raises(StoreUnsafe):
        await require_safe(Server(**said), unsafe_accepted=False)
    assert await require_safe(Server(**said), unsafe_accepted=True) is False


@pytest.mark.parametrize("version", ["7.2.4", "8.0", "10.1.0"])
async def test_a_safe_store_can_confirm_its_writes(version: str) -> None:
    assert problems(SAFE | {"redis_version": version}) == ()
    assert await require_safe(Server(redis_version=version), unsafe_accepted=False)


@pytest.mark.parametrize("appendfsync", ["always", "everysec", None])
async def test_a_synced_or_unreadable_file_setting_is_safe_without_a_warning(
    appendfsync: str | None,
) -> None:
    with capture_logs() as logs:
        assert await require_safe(Server(appendfsync), unsafe_accepted=False)
    assert logs == []


async def test_a_file_that_is_never_synced_is_not() -> None:
    with pytest.raises(StoreUnsafe) as refused:
        await require_safe(Server("no"), unsafe_accepted=False)
    assert "`appendfsync always`" in refused.value.problems[0]


def test_all_problems_are_reported_at_once() -> None:
    assert len(problems({"maxmemory_policy": "allkeys-lru", "cluster_enabled": 1})) == 4


def second_server(installation: Installation, *config: str) -> str:
    """Another server, with a directory of its own; its address."""
    folder = installation.folder / "second"
    folder.mkdir()
    installation.valkey(None, "--dir", str(folder), *config, ready=False)
    return installation.redis_url


def info(url: str) -> dict[str, Any]:
    try:
        said: dict[str, Any] = redis.Redis.from_url(url, socket_timeout=2).info()
    except redis.RedisError:
        return {}
    return said


@pytest.mark.integration
@pytest.mark.thorough
async def test_a_replica_that_copies_its_master_is_awaited_and_named_for_what_it_is(
    installation: Installation,
) -> None:
    """While it loads the copy it reports aof_enabled:0, which is no fault of its settings."""
    installation.valkey()
    for number in range(200):
        installation.store.set(f"ballast:{number}", os.urandom(2000))
    slow = ("--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024")
    url = second_server(
        installation,
        "--replicaof",
        f"127.0.0.1 {installation.redis_port}",
        "--repl-diskless-sync-delay",
        "0",
        *slow,
    )
    eventually(lambda: info(url).get("loading") == 1, "it loads, for 4 s")
    async with Redis.from_url(url) as replica:
        with capture_logs() as logs, pytest.raises(StoreUnsafe) as refused:
            async with asyncio.timeout(60):
                await require_safe(replica, unsafe_accepted=False)
    assert [line["event"] for line in logs][:1] == ["store_awaited"]
    assert logs[0]["reason"].startswith("loading")
    [problem] = refused.value.problems
    assert problem.startswith("it is a replica")


@pytest.mark.integration
@pytest.mark.thorough
async def test_a_master_that_hands_over_is_awaited(installation: Installation) -> None:
    installation.valkey()
    url, master = installation.redis_url, installation.store
    port = installation.redis_port
    second_server(
        installation, "--replicaof", f"127.0.0.1 {port}", "--repl-diskless-sync-delay", "0"
    )
    copy = installation.processes[-1]
    eventually(lambda: info(url).get("slave0", {}).get("state") == "online", "it is in step")
    copy.popen.send_signal(signal.SIGSTOP)
    master.set("behind", 1)
    master.execute_command("FAILOVER", "TIMEOUT", 3000)
    assert info(url)["master_failover_state"] == "waiting-for-sync"
    async with Redis.from_url(url) as client:
        with capture_logs() as logs:
            async with asyncio.timeout(60):
                assert await require_safe(client, unsafe_accepted=False)
    assert [(line["event"], line["reason"]) for line in logs] == [("store_awaited", "failover")]
