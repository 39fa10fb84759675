"""A write counts as kept when its own connection's WAITAOF and WAIT confirm it."""

from typing import Any, Self

import pytest
from redis.exceptions import NoScriptError, ResponseError

from shared.store.replicas import Replicas
from shared.store.scripts import INSERT, Request, Result


class Server:
    """Takes one pipeline at a time; ``replies`` are those to script, INFO, WAITAOF and WAIT."""

    def __init__(self, *replies: list[Any]) -> None:
        self.replies = list(replies)
        self.pipelines: list[list[str]] = []
        self.loaded: list[str] = []

    def pipeline(self, *, transaction: bool) -> Self:
        assert not transaction
        self.pipelines.append([])
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is left to close."""

    def evalsha(self, *_: Any) -> None:
        self.pipelines[-1].append("EVALSHA")

    def execute_command(self, name: str, *_: Any) -> None:
        self.pipelines[-1].append(name)

    async def execute(self, *, raise_on_error: bool) -> list[Any]:
        assert not raise_on_error
        return self.replies.pop(0)

    async def script_load(self, source: str) -> None:
        self.loaded.append(source)


async def run(server: Server, floor: int = 0) -> Result:
    return await INSERT.run(server, Request({}), confirm=Replicas(floor))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (({}, [1, 0], 1), True),
        (({}, [0, 0], 1), False),
        (({}, [1, 0], 0), False),
        (({}, ResponseError("no AOF"), 1), False),
    ],
)
async def test_only_a_write_that_disk_and_replicas_confirm_is_kept(
    said: Any, *, kept: bool
) -> None:
    server = Server([b"reply", *said])
    assert await run(server, floor=1) == Result(b"reply", kept)
    assert server.pipelines == [["EVALSHA", "INFO", "WAITAOF", "WAIT"]]


async def test_a_replica_that_joined_meanwhile_is_waited_for() -> None:
    joined = {"slave0": {"state": "online"}}
    server = Server([b"reply", joined, [1, 0], 0], [b"reply", joined, [1, 0], 1])
    assert await run(server) == Result(b"reply")


async def test_a_server_that_lost_the_script_gets_it_again() -> None:
    said = ({}, [1, 0], 0)
    server = Server([NoScriptError(), *said], [b"reply", *said])
    assert await run(server) == Result(b"reply")
    assert server.loaded == [INSERT.source]


async def test_a_refusal_is_raised() -> None:
    with pytest.raises(ResponseError, match="OOM"):
        await run(Server([ResponseError("OOM"), {}, [1, 0], 0]))
