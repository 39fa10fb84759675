"""An address that cannot be one is said in a sentence, without its password."""

import pytest
from redis.asyncio import Connection

from shared.errors import SettingUnusable
from shared.store.connection import connection_pool


@pytest.mark.parametrize("url", ["nonsense", "http://:s3cret@h", "redis://:s3cret@h:port/0"])
def test_a_wrong_address_is_named_and_not_shown(url: str) -> None:
    with pytest.raises(SettingUnusable) as refused:
        connection_pool(url, retries=0, timeout=1)
    assert refused.value.sentence.startswith("REDIS_URL")
    assert "s3cret" not in refused.value.sentence
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("url", ["redis://h:1/0", "rediss://:s3cret@h", "unix:///tmp/valkey.sock"])
def test_a_right_address_is_not_connected_to_yet(url: str) -> None:
    assert connection_pool(url, retries=0, timeout=1)


@pytest.mark.parametrize("url", ["redis://h:1/0", "rediss://h", "redis+sentinel://h:1/service/0"])
def test_what_is_packed_in_c_is_the_same_to_the_byte(url: str) -> None:
    connection = connection_pool(url, retries=0, timeout=1).make_connection()
    command = ("CONFIG SET", "grüße", 7, 1.5, b"\x00\r\n", "", b"x" * 100_000)
    assert b"".join(connection.pack_command(*command)) == b"".join(
        Connection().pack_command(*command)
    )
