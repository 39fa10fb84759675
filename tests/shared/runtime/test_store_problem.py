"""What keeps a process from using its store is one sentence that names the cause and the remedy."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.runtime.store_problem import describe
from shared.store.connection import connection_pool
from tests.harness import Installation

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
    files = ("-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem")
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost")
    subprocess.run((*made, *files), check=True, capture_output=True)  # noqa: ASYNC221, S603 -- a test's
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

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
