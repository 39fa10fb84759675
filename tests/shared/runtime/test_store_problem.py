"""What keeps a process from using its store is one sentence that names the cause and the remedy."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.runtime.store_problem import describe
from shared.store.connection import connection_pool
from tests.certificate import make_certificate
from tests.harness import ROOT, Installation, eventually, free_port
from tests.sentinel import master_is_down, start_sentinel

pytestmark = pytest.mark.integration


async def problem(url: str) -> str:
    """What is said of a store at this address."""
    async with Redis.from_pool(connection_pool(url, retries=0, timeout=2)) as redis:
        with pytest.raises((RedisError, OSError)) as failed:
            await redis.info()
    return describe(failed.value)


@pytest.fixture
async def tls_port(tmp_path: Path) -> AsyncIterator[int]:
    """A server that speaks TLS with a certificate of its own."""
    context = make_certificate(tmp_path)

    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(close, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def test_tls_faults(tls_port: int, installation: Installation) -> None:
    installation.valkey()
    assert "ssl_ca_certs" in await problem(f"rediss://localhost:{tls_port}/0")
    assert "use rediss://" in await problem(f"redis://127.0.0.1:{tls_port}/0")
    plain = installation.redis_url.replace("redis:", "rediss:")
    assert "with rediss:// in REDIS_URL it must speak TLS" in await problem(plain)


async def test_what_the_server_refuses(installation: Installation) -> None:
    installation.valkey()
    url = installation.redis_url
    store = installation.store
    store.execute_command("ACL", "SETUSER", "narrow", "on", ">s3cret", "~*", "+@all", "-info")
    narrow = url.replace("//", "//narrow:s3cret@")
    assert "a right that is needed" in await problem(narrow)
    assert "info" in await problem(narrow)
    assert "rejects the user or password" in await problem(narrow.replace("s3cret", "guessed"))
    assert "has no database" in await problem(url.replace("/0", "/99"))
    for each in (narrow, narrow.replace("s3cret", "guessed")):
        assert "s3cret" not in await problem(each)


async def test_what_keeps_sentinels_from_naming_the_master(installation: Installation) -> None:
    installation.valkey()
    open_to_all = start_sentinel(installation)
    locked = start_sentinel(installation, "requirepass s3cret")
    wrong, right = (f"{locked}?sentinel_password={word}" for word in ("gue55ed", "s3cret"))
    for url, sentence in (
        (locked, "require a password: add ?sentinel_password="),
        (wrong, "reject sentinel_username or sentinel_password"),
        (f"{open_to_all}?sentinel_password=s3cret", "have no password: remove sentinel_password"),
        (open_to_all.replace("/answers/", "/questions/"), "do not know the service in REDIS_URL"),
        (f"redis+sentinel://127.0.0.1:{free_port()}/answers/0", "do not answer"),
    ):
        # Twice if need be: on a busy machine a Sentinel may not answer within its second.
        told = await problem(url)
        if sentence not in told:
            told = await problem(url)
        assert told.startswith("cannot be found: its Sentinels ")
        assert sentence in told
        assert not {word for word in ("s3cret", "gue55ed") if word in told}
    async with Redis.from_pool(connection_pool(right, retries=0, timeout=2)) as redis:
        assert (await redis.info())["role"] == "master"


PROCESSES = {
    "dev": "The store at REDIS_URL ",
    "services.api": "The API cannot start: the store at REDIS_URL ",
    "services.poller": "The poller cannot start: the store at REDIS_URL ",
}


def start(module: str, url: str, installation: Installation) -> subprocess.CompletedProcess[str]:
    """Run a process until it ends by itself."""
    return subprocess.run(  # noqa: S603 -- our own processes
        (sys.executable, "-m", module),
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "REDIS_URL": url,
            "OPENAI_API_KEY": "sk-none",
            "BACKBURNER_PROVIDER": "simulator",
            "BACKBURNER_DATA_DIR": str(installation.folder / "data"),
            "BACKBURNER_PORT": str(free_port()),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.thorough
@pytest.mark.parametrize("module", PROCESSES)
def test_each_process_says_it_in_one_sentence(installation: Installation, module: str) -> None:
    installation.valkey()
    store = installation.store
    store.execute_command("ACL", "SETUSER", "narrow", "on", ">s3cret", "~*", "+@all", "-info")
    for url, sentence in (
        (start_sentinel(installation, "requirepass s3cret"), "require a password"),
        (installation.redis_url.replace("//", "//narrow:s3cret@"), "'info' command"),
    ):
        # Twice if need be: on a busy machine a Sentinel may not answer within its second.
        ended = start(module, url, installation)
        if sentence not in ended.stderr:
            ended = start(module, url, installation)
        assert ended.returncode == 1
        assert ended.stderr.startswith(PROCESSES[module])
        assert sentence in ended.stderr
        assert (ended.stderr.count("\n"), "s3cret" in ended.stderr) == (1, False)


@pytest.mark.thorough
def test_a_start_while_the_sentinels_master_is_down_waits_for_it(
    installation: Installation,
) -> None:
    master = installation.valkey()
    port = installation.redis_port
    installation.simulator()
    installation.redis_url = start_sentinel(installation)
    master.kill()
    eventually(lambda: master_is_down(installation.redis_url), "the Sentinel has noticed it")
    poller = installation.poller(ready=False, BACKBURNER_MIN_REPLICAS="0")
    eventually(lambda: "store_awaited" in poller.output, "it waits and says so")
    assert "reason='Sentinels name no master yet'" in poller.output or (
        "reason='the master that Sentinels name does not answer'" in poller.output
    )
    installation.valkey(port)
    eventually(lambda: "poller_started" in poller.output, "it goes on")
