"""Two parts written in one turn of the loop leave together, in order, and before the end."""

import asyncio
from typing import Any

import pytest

from services.api.bootstrap.gathering import Gathering


class Wire(asyncio.Transport):
    """Keeps what reaches it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[list[Any]] = []
        self.closed = False

    def writelines(self, list_of_data: Any) -> None:
        assert not self.closed
        self.sent.append(list(list_of_data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def gathering(wire: Wire) -> Gathering:
    return Gathering(wire, asyncio.get_running_loop())


async def test_a_head_and_its_body_leave_together(wire: Wire, gathering: Gathering) -> None:
    gathering.write(b"head")
    assert not wire.sent
    gathering.write(b"body")
    gathering.write(b"more")
    await asyncio.sleep(0)
    assert wire.sent == [[b"head", b"body"], [b"more"]]


async def test_what_was_written_before_the_end_leaves(wire: Wire, gathering: Gathering) -> None:
    gathering.write(b"last words")
    gathering.close()
    assert (wire.sent, wire.closed) == ([[b"last words"]], True)
    await asyncio.sleep(0)
    assert len(wire.sent) == 1


async def test_nothing_is_written_to_who_has_gone(wire: Wire, gathering: Gathering) -> None:
    gathering.write(b"head")
    wire.close()
    await asyncio.sleep(0)
    assert not wire.sent


async def test_a_client_that_does_not_read_is_noticed_within_the_turn() -> None:
    """Who never pauses for breath would otherwise fill the memory before anybody says stop."""
    paused = asyncio.Event()
    chunks = 0

    class Tireless(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            nonlocal chunks
            self.gathering = Gathering(transport, asyncio.get_running_loop())
            while chunks < 1_000 and not paused.is_set():
                self.gathering.write(b"a" * 64 * 1024)
                chunks += 1

        def pause_writing(self) -> None:
            paused.set()

    server = await asyncio.get_running_loop().create_server(Tireless, "127.0.0.1", 0)
    async with server, asyncio.timeout(5):
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=1)
        await paused.wait()
        writer.transport.abort()
    assert chunks < 1_000
