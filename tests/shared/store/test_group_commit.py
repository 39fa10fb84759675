"""Scripts that come at the same time share one wait for the disk, and each gets its own answer."""

import asyncio
from collections.abc import Sequence
from typing import Any, Self

import pytest
from redis.exceptions import NoScriptError, ResponseError

from shared.store.group_commit import MOST, GroupCommit
from shared.store.replicas import Replicas
from shared.store.scripts import INSERT, Call, Result

SCRIPT, INFO, WAITAOF, WAIT = "EVALSHA", "INFO", "WAITAOF", "WAIT"


class Server:
    """Answers pipelines when it is let; what scripts reply is their first argument."""

    def __init__(self) -> None:
        self.pipelines: list[list[Any]] = []
        self.go = asyncio.Event()
        self.on_disk = 1
        self.loaded: list[str] = []
        self.refused: dict[bytes, Exception] = {}

    def pipeline(self, *, transaction: bool) -> "Pipeline":
        assert not transaction
        return Pipeline(self)

    async def script_load(self, source: str) -> None:
        self.loaded.append(source)


class Pipeline:
    """What is sent in one piece, on one connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._commands: list[Any] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is left to close."""

    def evalsha(self, _: str, __: int, *words: Any) -> None:
        self._commands.append((SCRIPT, words[-1]))

    def execute_command(self, name: str, *_: Any) -> None:
        self._commands.append((name, None))

    async def execute(self, *, raise_on_error: bool) -> Sequence[Any]:
        assert not raise_on_error
        server = self._server
        server.pipelines.append(self._commands)
        await server.go.wait()
        replies = {INFO: {}, WAITAOF: [server.on_disk, 0], WAIT: 0}
        return [
            server.refused.pop(word, word) if name == SCRIPT else replies[name]
            for name, word in self._commands
        ]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def commit(server: Server) -> GroupCommit:
    return GroupCommit(server, Replicas())


def call(word: bytes) -> Call:
    return Call(INSERT, [], [word])


async def at_once(commit: GroupCommit, server: Server, *words: bytes) -> list[Any]:
    """The first is on its way before the others come."""
    waiting = [asyncio.create_task(commit.run(call(words[0])))]
    while not server.pipelines:
        await asyncio.sleep(0)
    waiting += [asyncio.create_task(commit.run(call(word))) for word in words[1:]]
    await asyncio.sleep(0)
    server.go.set()
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_comes_meanwhile_goes_together_and_before_its_confirmation(
    commit: GroupCommit, server: Server
) -> None:
    replies = await at_once(commit, server, b"1", b"2", b"3")
    assert replies == [Result(b"1"), Result(b"2"), Result(b"3")]
    ending = [(INFO, None), (WAITAOF, None), (WAIT, None)]
    assert server.pipelines == [
        [(SCRIPT, b"1"), *ending],
        [(SCRIPT, b"2"), (SCRIPT, b"3"), *ending],
    ]


async def test_with_two_on_their_way_the_rest_gathers(commit: GroupCommit, server: Server) -> None:
    waiting = []
    for words in ([b"1"], [b"2"], [b"3", b"4"], [b"5"]):
        waiting += [asyncio.create_task(commit.run(call(word))) for word in words]
        for _ in range(9):
            await asyncio.sleep(0)
    assert [each[0][1] for each in server.pipelines] == [b"1", b"2"]
    server.go.set()
    assert [reply.reply for reply in await asyncio.gather(*waiting)] == [
        b"1",
        b"2",
        b"3",
        b"4",
        b"5",
    ]
    together = [[word for name, word in each if name == SCRIPT] for each in server.pipelines]
    assert together == [[b"1"], [b"2"], [b"3", b"4", b"5"]]


async def test_what_the_disk_did_not_confirm_is_kept_for_nobody(
    commit: GroupCommit, server: Server
) -> None:
    server.on_disk = 0
    replies = await at_once(commit, server, b"1", b"2", b"3")
    assert [reply.kept for reply in replies] == [False] * 3


async def test_a_refusal_is_told_only_to_whom_it_concerns(
    commit: GroupCommit, server: Server
) -> None:
    server.refused[b"2"] = ResponseError("OOM")
    one, two, three = await at_once(commit, server, b"1", b"2", b"3")
    assert isinstance(two, ResponseError)
    assert (one, three) == (Result(b"1"), Result(b"3"))


async def test_a_server_that_lost_the_script_is_given_it_and_asked_again(
    commit: GroupCommit, server: Server
) -> None:
    server.refused[b"2"] = NoScriptError()
    assert await at_once(commit, server, b"1", b"2") == [Result(b"1"), Result(b"2")]
    assert server.loaded == [INSERT.source]


async def test_who_leaves_takes_nobody_along(commit: GroupCommit, server: Server) -> None:
    leaving = asyncio.create_task(commit.run(call(b"1")))
    staying = asyncio.create_task(commit.run(call(b"2")))
    while not server.pipelines:
        await asyncio.sleep(0)
    leaving.cancel()
    server.go.set()
    assert await staying == Result(b"2")
    assert server.pipelines[0][:2] == [(SCRIPT, b"1"), (SCRIPT, b"2")]


async def test_a_batch_has_a_limit(commit: GroupCommit, server: Server) -> None:
    server.go.set()
    words = [b"%d" % number for number in range(MOST + 1)]
    replies = await asyncio.gather(*(commit.run(call(word)) for word in words))
    assert [reply.reply for reply in replies] == words
    assert [len(each) - 3 for each in server.pipelines] == [MOST, 1]
