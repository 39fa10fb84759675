"""The embedded Valkey keeps what it acknowledged and lets nobody in without the password."""

import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from dev import valkey
from dev.console import terminal
from dev.lock import acquire_lock
from dev.ports import free_port
from dev.supervisor import Supervisor
from shared.domain.errors import InvalidSetting

pytestmark = pytest.mark.integration


@asynccontextmanager
async def server(directory: Path, descriptor: int | None = None) -> AsyncIterator[str]:
    """A running server; its address."""
    port, supervisor = free_port(), Supervisor(terminal(), descriptor, lambda _: None)
    await supervisor.start(valkey.valkey(directory, {}, port, "hidden"))
    try:
        await valkey.wait_loaded(valkey.url(port, "hidden"))
        yield valkey.url(port, "hidden")
    finally:
        await supervisor.stop()


def files_with(directory: Path, text: bytes) -> list[Path]:
    return [file for file in directory.rglob("*") if file.is_file() and text in file.read_bytes()]


async def process_of(redis: Redis) -> int:
    return int((await redis.info("server"))["process_id"])


async def test_it_is_durable_and_never_evicts(tmp_path: Path) -> None:
    async with server(tmp_path) as url, Redis.from_url(url, decode_responses=True) as redis:
        configured = {}
        for name in ("appendonly", "appendfsync", "maxmemory-policy", "save"):
            configured |= await redis.config_get(name)
    assert configured == {
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "save": "",
    }


async def test_data_outlives_an_ordered_stop_and_a_kill(tmp_path: Path) -> None:
    async with server(tmp_path) as url, Redis.from_url(url) as redis:
        await redis.set("first", "1")
    async with server(tmp_path) as url, Redis.from_url(url) as redis:
        await redis.set("second", "2")
        os.kill(await process_of(redis), signal.SIGKILL)
    async with server(tmp_path) as url, Redis.from_url(url) as redis:
        assert await redis.mget("first", "second") == [b"1", b"2"]


async def test_a_surviving_server_keeps_the_directory_though_its_starter_is_gone(
    tmp_path: Path,
) -> None:
    descriptor = acquire_lock(tmp_path)
    async with server(tmp_path / "valkey", descriptor):
        os.close(descriptor)
        with pytest.raises(InvalidSetting, match="is in use"):
            acquire_lock(tmp_path)
    os.close(acquire_lock(tmp_path))


async def test_only_the_password_opens_it_and_it_is_in_no_file(tmp_path: Path) -> None:
    assert "hidden" not in repr(valkey.valkey(tmp_path, {}, 1, "hidden"))
    async with server(tmp_path) as url:
        await valkey.check_server(url, "simulator", unsafe_accepted=False)
        assert not files_with(tmp_path, b"hidden")
        for wrong in (url.replace("hidden", "guessed"), url.replace(":hidden@", "")):
            with pytest.raises(InvalidSetting, match="rejects the user or password") as refusal:
                await valkey.check_server(wrong, "simulator", unsafe_accepted=False)
            assert "guessed" not in refusal.value.message


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("localhost:6379", "REDIS_URL is not an address"),
        ("http://h/", "REDIS_URL is not an address"),
        ("redis://:guessed@h:port/0", "REDIS_URL is not an address"),
        ("redis+cluster://h:1", "REDIS_URL is not an address"),
        ("redis://:guessed@127.0.0.1:{free}/0", "store at REDIS_URL does not answer"),
        ("redis://:guessed@127.0.0.1:{mute}/0", "store at REDIS_URL does not answer"),
    ],
)
async def test_an_unusable_address_is_refused_without_its_password(url: str, message: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = url.format(free=free_port(), mute=mute.getsockname()[1])
        with pytest.raises(InvalidSetting, match=message) as refusal:
            await valkey.check_server(address, "simulator", unsafe_accepted=False)
    assert "guessed" not in refusal.value.message
