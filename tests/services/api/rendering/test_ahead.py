"""Answers are rendered when their tasks end, and forgotten when their tasks are."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from services.api.rendering.ahead import WAITING, Ahead
from services.api.rendering.renderer import Renderer
from services.api.rendering.renderings import Renderings
from shared.openai.response import Citation

ANSWER = (
    b'{"output":[{"type":"message","content":[{"type":"output_text","text":"Because.",'
    b'"annotations":[{"url":"http://e.com","start_index":0,"end_index":2}]}]}]}'
)


class NotingRenderer(Renderer):
    """Says what it was asked to render; ``html`` goes on when ``rendered`` is waited for."""

    def __init__(self, kept: Renderings) -> None:
        super().__init__(kept)
        self.rendered: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()

    async def html(self, task_id: str, markdown: str, citations: Sequence[Citation] = ()) -> str:
        await self.rendered.put((task_id, markdown, "".join(source.url for source in citations)))
        return ""


@pytest.fixture
async def renderings(tmp_path: Path) -> AsyncIterator[Renderings]:
    renderings = Renderings(tmp_path / "renderings.sqlite")
    yield renderings
    await renderings.aclose()


@pytest.fixture
def renderer(renderings: Renderings) -> NotingRenderer:
    return NotingRenderer(renderings)


async def test_an_answer_is_rendered_with_its_sources(
    service: Any, submit: Any, renderings: Renderings, renderer: NotingRenderer
) -> None:
    task = await submit()
    await service.completed(task["id"], ANSWER)
    async with Ahead(service.store, renderer, renderings) as ahead:
        ahead.ended(task["id"])
        assert await renderer.rendered.get() == (task["id"], "Because.", "http://e.com")


async def test_what_cannot_be_rendered_holds_nothing_up(
    service: Any, submit: Any, renderings: Renderings, renderer: NotingRenderer
) -> None:
    """A task without an answer, one without a readable one, one that is gone, and too many."""
    silent, unreadable, good = [(await submit())["id"] for _ in range(3)]
    await service.completed(unreadable, b"<html>")
    await service.completed(good, ANSWER)
    ahead = Ahead(service.store, renderer, renderings)
    for task_id in (silent, unreadable, "task_gone", *([good] * WAITING)):
        ahead.ended(task_id)
    async with ahead:
        assert (await renderer.rendered.get())[0] == good


async def test_an_outage_of_the_store_ends_nothing(
    service: Any, submit: Any, renderings: Renderings, renderer: NotingRenderer
) -> None:
    task = await submit()
    await service.completed(task["id"], ANSWER)

    class Failing:
        """Fails at the first answer asked for."""

        failures = 1

        async def response(self, task_id: str) -> Any:
            if self.failures:
                self.failures -= 1
                raise RedisConnectionError
            return await service.store.response(task_id)

        async def tasks(self, ids: Sequence[str]) -> Any:
            return await service.store.tasks(ids)

    failing: Any = Failing()
    async with Ahead(failing, renderer, renderings) as ahead:
        ahead.ended(task["id"])
        ahead.ended(task["id"])
        assert (await renderer.rendered.get())[0] == task["id"]
    assert failing.failures == 0


async def test_what_was_deleted_while_it_was_away_is_forgotten_first(
    service: Any, submit: Any, renderings: Renderings, renderer: NotingRenderer
) -> None:
    task = await submit()
    await service.completed(task["id"], ANSWER)
    gone = [f"task_{number:03}" for number in range(250)]
    for task_id in (*gone, task["id"]):
        await renderings.keep(task_id, b"", "x")
    async with Ahead(service.store, renderer, renderings) as ahead:
        ahead.ended(task["id"])
        await renderer.rendered.get()
    assert await renderings.task_ids("", 9) == [task["id"]]


async def test_what_is_gone_is_forgotten(
    service: Any, renderings: Renderings, renderer: NotingRenderer
) -> None:
    await renderings.keep("t", b"", "x")
    await Ahead(service.store, renderer, renderings).gone(["t"])
    assert await renderings.get("t", b"") is None
