"""What is written in one turn of the loop leaves together, in order, and before the end."""

import asyncio
from typing import Any

import pytest

from services.api.gathering import Gathering


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
    gathering.write(b"body")
    assert not wire.sent
    await asyncio.sleep(0)
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
