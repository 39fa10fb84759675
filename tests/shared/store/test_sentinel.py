"""An address of Sentinels is read whole; what it leaves out has the usual value."""

import pytest

from shared.domain.errors import InvalidSetting
from shared.store.connection import connection_pool


def read(url: str) -> tuple[object, ...]:
    pool = connection_pool(url, retries=0, timeout=1)
    nodes = [
        (
            node.connection_pool.connection_kwargs["host"],
            node.connection_pool.connection_kwargs["port"],
        )
        for node in pool.sentinel_manager.sentinels
    ]
    options = pool.connection_kwargs
    return nodes, pool.service_name, options["db"], options["username"], options["password"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "redis+sentinel://me:s%40fe@one:1,two:2,[::1]:3/answers/4",
            ([("one", 1), ("two", 2), ("::1", 3)], "answers", 4, "me", "s@fe"),
        ),
        ("redis+sentinel://:safe@one/answers", ([("one", 26379)], "answers", 0, None, "safe")),
        ("redis+sentinel://one:1/answers/", ([("one", 1)], "answers", 0, None, None)),
    ],
)
def test_an_address_of_sentinels_is_read_whole(url: str, said: tuple[object, ...]) -> None:
    assert read(url) == said


@pytest.mark.parametrize(
    ("query", "username", "password"),
    [
        ("?sentinel_password=a+b%2Fc@d==", None, "a+b/c@d=="),
        ("?sentinel_username=me&sentinel_password=safe", "me", "safe"),
        ("", None, None),
    ],
)
def test_the_sentinels_have_a_password_of_their_own(
    query: str, username: str | None, password: str | None
) -> None:
    pool = connection_pool(
        f"redis+sentinel://:other@one,two/answers/0{query}", retries=0, timeout=1
    )
    for node in pool.sentinel_manager.sentinels:
        options = node.connection_pool.connection_kwargs
        assert (options.get("username"), options.get("password")) == (username, password)


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://one:1",
        "redis+sentinel:///answers/0",
        "redis+sentinel://one:port/answers",
        "redis+sentinel://one:1,/answers",
        "redis+sentinel://one:1/answers/zero",
        "redis+sentinel://:s3cret@one:1/answers/0?password=s3cret",
        "redis+sentinel://:s3cret@one:1/answers/0?sentinel_password=s3cret&ssl=1",
    ],
)
def test_an_invalid_sentinel_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        connection_pool(url, retries=0, timeout=1)
    assert "s3cret" not in refused.value.message
