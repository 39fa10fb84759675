"""Rendering happens elsewhere: it can be slow, die or be killed, and the API does not notice."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.api.rendering.answer import MAX_MARKDOWN, plain
from services.api.rendering.markdown import render
from services.api.rendering.renderer import Renderer
from shared.response import Citation

pytestmark = pytest.mark.integration


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    renderer = Renderer()
    yield renderer
    await renderer.aclose()


def counting(log: Path, then: str = "print('<p>ok</p>')") -> list[str]:
    """A rendering process that notes its id before it does what a test wants."""
    start = f"import os, sys; open({str(log)!r}, 'a').write(f'{{os.getpid()}}\\n'); "
    return [sys.executable, "-c", start + "sys.stdin.read(); " + then]


def script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


async def test_another_process_gives_what_render_gives(renderer: Renderer) -> None:
    source = Citation(url="https://e.com", title="T", start_index=2, end_index=5)
    markdown = "# é 你\n\n<b>"
    assert await renderer.html(markdown, [source]) == render(markdown, [source])


async def test_the_same_answer_is_rendered_once(tmp_path: Path) -> None:
    renderer = Renderer(command=counting(tmp_path / "log"))
    pages = await asyncio.gather(*(renderer.html("a") for _ in range(5)))
    assert {*pages, await renderer.html("a")} == {"<p>ok</p>\n"}
    assert len((tmp_path / "log").read_text().splitlines()) == 1


async def test_the_same_text_with_other_sources_is_another_answer(renderer: Renderer) -> None:
    source = Citation(url="https://e.com", title="T", start_index=0, end_index=1)
    assert await renderer.html("a") != await renderer.html("a", [source])


async def test_the_least_lately_read_answer_is_let_go_first(tmp_path: Path) -> None:
    renderer = Renderer(command=counting(tmp_path / "log"), cache=25)  # two pages of ten
    for markdown in ("a", "b", "a", "c", "a", "b"):
        await renderer.html(markdown)
    assert len((tmp_path / "log").read_text().splitlines()) == 4


async def test_a_slow_rendering_is_killed_once_and_its_text_shown(tmp_path: Path) -> None:
    command = tmp_path / "renderer"
    renderer = Renderer(command=[str(command)], limit=0.3)
    script(command, "head -c 1000000 /dev/zero; exec sleep 60")
    assert await renderer.html("<b>") == plain("<b>")
    script(command, "cat >/dev/null; echo ok")
    assert await renderer.html("<b>") == plain("<b>")
    assert await renderer.html("c") == "ok\n"


async def test_a_rendering_that_dies_leaves_its_text_and_the_next_one_works(
    tmp_path: Path,
) -> None:
    die = "os.path.exists('{0}') or (open('{0}', 'w'), os.kill(os.getpid(), 9)); print('<p>ok</p>')"
    renderer = Renderer(command=counting(tmp_path / "log", die.format(tmp_path / "died")))
    assert await renderer.html("<b>") == plain("<b>")
    assert await renderer.html("c") == "<p>ok</p>\n"


async def test_a_machine_without_processes_shows_text_and_tries_again(tmp_path: Path) -> None:
    command = tmp_path / "renderer"
    renderer = Renderer(command=[str(command)])
    assert await renderer.html("<b>") == plain("<b>")
    script(command, "cat >/dev/null; echo ok")
    assert await renderer.html("<b>") == "ok\n"


async def test_a_caller_who_leaves_takes_nothing_from_the_others(tmp_path: Path) -> None:
    renderer = Renderer(command=counting(tmp_path / "log"))
    leaver = asyncio.create_task(renderer.html("a"))
    stayer = asyncio.create_task(renderer.html("a"))
    await asyncio.sleep(0)
    leaver.cancel()
    assert await stayer == "<p>ok</p>\n"


async def test_closing_ends_the_process(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    renderer = Renderer(command=counting(tmp_path / "log", "import time; time.sleep(60)"))
    caller = asyncio.create_task(renderer.html("a"))
    pid = await asyncio.to_thread((tmp_path / "log").read_text)
    await renderer.aclose()
    with pytest.raises(asyncio.CancelledError):
        await caller
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


async def test_an_answer_over_a_megabyte_starts_no_process() -> None:
    markdown = "<" * (MAX_MARKDOWN + 1)
    assert await Renderer(command=["/nonexistent"]).html(markdown) == plain(markdown)


async def test_the_loop_goes_on_while_an_answer_is_rendered(renderer: Renderer) -> None:
    rendering = asyncio.create_task(renderer.html("**a** [b](http://c)\n\n" * 500))
    turns = 0
    while not rendering.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
