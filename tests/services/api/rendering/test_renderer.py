"""Rendering happens elsewhere: it can be slow, die or be killed, and the API does not notice."""

import asyncio
import os
import resource
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from services.api.rendering.limits import MAX_MARKDOWN, preformatted
from services.api.rendering.markdown import render
from services.api.rendering.renderer import Renderer
from shared.openai.answer import Citation

pytestmark = pytest.mark.integration


Make = Callable[..., Renderer]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Creates renderers and closes them at the end."""
    made: list[Renderer] = []

    def make(**options: Any) -> Renderer:
        made.append(Renderer(**options))
        return made[-1]

    yield make
    for renderer in made:
        await renderer.aclose()


@pytest.fixture
def renderer(make: Make) -> Renderer:
    return make()


def counting(log: Path, then: str = "print('<p>ok</p>')") -> list[str]:
    """A rendering process that notes its id before it does what a test wants."""
    start = f"import os, sys; open({str(log)!r}, 'a').write(f'{{os.getpid()}}\\n'); "
    return [sys.executable, "-c", start + "sys.stdin.read(); " + then]


def children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


async def test_another_process_gives_what_render_gives(renderer: Renderer) -> None:
    source = Citation(url="https://e.com", title="T", start_index=2, end_index=5)
    markdown = "# é 你\n\n<b>"
    assert await renderer.html("t", markdown, [source]) == render(markdown, [source])


async def test_a_rendering_process_gets_no_secrets(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_WEBHOOK_SECRET", "whsec_canary")
    renderer = make(command=counting(tmp_path / "log", "print(*os.environ.values())"))
    assert "canary" not in await renderer.html("t", "a")


async def test_the_same_text_with_other_sources_is_another_answer(renderer: Renderer) -> None:
    source = Citation(url="https://e.com", title="T", start_index=0, end_index=1)
    assert await renderer.html("t", "a") != await renderer.html("t", "a", [source])


async def test_each_text_of_a_task_is_rendered_once(make: Make, tmp_path: Path) -> None:
    renderer = make(command=counting(tmp_path / "log"))
    await asyncio.gather(*(renderer.html("t", "early") for _ in range(5)))
    for markdown in ("early", "late", "late", "early"):
        assert await renderer.html("t", markdown) == "<p>ok</p>\n"
    assert len((tmp_path / "log").read_text().splitlines()) == 2


async def test_deleted_tasks_leave_no_html(make: Make, tmp_path: Path) -> None:
    for name in ("log", "go on"):
        os.mkfifo(tmp_path / name)
    command = tmp_path / "renderer"
    script(command, f"cat >/dev/null; echo > {tmp_path}/log; cat '{tmp_path}/go on'; echo ok")
    renderer = make(command=[str(command)])
    reader = asyncio.create_task(renderer.html("t", "a"))
    await asyncio.to_thread((tmp_path / "log").read_text)
    renderer.forget(["t"])
    await asyncio.to_thread((tmp_path / "go on").write_text, "")
    assert await reader == "ok\n"
    script(command, "cat >/dev/null; echo again")
    assert await renderer.html("t", "a") == "again\n"
    command.unlink()
    assert await renderer.html("t", "a") == "again\n"
    renderer.forget(["t"])
    assert await renderer.html("t", "a") == preformatted("a")


async def test_a_slow_rendering_is_killed_and_shown_as_text(make: Make, tmp_path: Path) -> None:
    command = tmp_path / "renderer"
    renderer = make(command=[str(command)], timeout_s=0.3)
    script(command, "head -c 1000000 /dev/zero; exec sleep 60")
    assert await renderer.html("t", "<b>") == preformatted("<b>")
    script(command, "cat >/dev/null; echo ok")
    assert await renderer.html("t", "<b>") == preformatted("<b>")
    assert await renderer.html("t", "c") == "ok\n"


async def test_an_answer_takes_two_seconds_of_processor_time_at_most(make: Make) -> None:
    markdown = "[" * 200_000  # takes the parser a minute
    began = children_cpu_s()
    assert await make(timeout_s=60).html("t", markdown) == preformatted(markdown)
    assert 1.5 < children_cpu_s() - began < 4


async def test_one_owners_slow_answers_do_not_delay_anothers(make: Make, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go on")
    command = tmp_path / "renderer"
    script(command, f"case $(cat) in *slow*) cat '{tmp_path}/go on';; esac; echo ok")
    renderer = make(command=[str(command)])
    slow = [
        asyncio.create_task(renderer.html(f"t{each}", f"slow {each}", owner="mallory"))
        for each in range(5)
    ]
    await asyncio.sleep(0)
    for each in range(3):
        assert await renderer.html(f"a{each}", f"quick {each}", owner="alice") == "ok\n"
    assert not any(task.done() for task in slow)
    for task in slow:
        await asyncio.to_thread((tmp_path / "go on").write_text, "")
        assert await task == "ok\n"


async def test_a_rendering_that_dies_is_shown_as_text(make: Make, tmp_path: Path) -> None:
    die = "os.path.exists('{0}') or (open('{0}', 'w'), os.kill(os.getpid(), 9)); print('<p>ok</p>')"
    renderer = make(command=counting(tmp_path / "log", die.format(tmp_path / "died")))
    assert await renderer.html("t", "<b>") == preformatted("<b>")
    assert await renderer.html("t", "c") == "<p>ok</p>\n"


async def test_a_missing_command_shows_text_and_tries_again(make: Make, tmp_path: Path) -> None:
    command = tmp_path / "renderer"
    renderer = make(command=[str(command)])
    assert await renderer.html("t", "<b>") == preformatted("<b>")
    script(command, "cat >/dev/null; echo ok")
    assert await renderer.html("t", "<b>") == "ok\n"


async def test_a_cancelled_caller_leaves_the_others_theirs(make: Make, tmp_path: Path) -> None:
    renderer = make(command=counting(tmp_path / "log"))
    leaver = asyncio.create_task(renderer.html("t", "a"))
    stayer = asyncio.create_task(renderer.html("t", "a"))
    await asyncio.sleep(0)
    leaver.cancel()
    assert await stayer == "<p>ok</p>\n"


async def test_closing_ends_the_process(make: Make, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    renderer = make(command=counting(tmp_path / "log", "import time; time.sleep(60)"))
    caller = asyncio.create_task(renderer.html("t", "a"))
    pid = await asyncio.to_thread((tmp_path / "log").read_text)
    await renderer.aclose()
    with pytest.raises(asyncio.CancelledError):
        await caller
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


async def test_an_answer_over_a_megabyte_starts_no_process(make: Make) -> None:
    markdown = "<" * (MAX_MARKDOWN + 1)
    assert await make(command=["/nonexistent"]).html("t", markdown) == preformatted(markdown)


async def test_the_loop_goes_on_while_an_answer_is_rendered(renderer: Renderer) -> None:
    rendering = asyncio.create_task(renderer.html("t", "**a** [b](http://c)\n\n" * 500))
    turns = 0
    while not rendering.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
