"""What a person waits for at the page: the first load, a long answer, each key, a long list."""

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from playwright.sync_api import Browser, Page, sync_playwright
from redis.asyncio import Redis

from bench import corpus, machine, markdown_table, report
from shared.domain import changes
from shared.domain.states import Status
from shared.queue import queue_name
from shared.runtime.ids import new_task_id
from shared.store import Store, TaskInsert
from tests.harness import ROOT, Installation

PROSE = ROOT / "tests" / "pictures" / "violin.md"
SIZES = {"200 KB": 200_000, "1 MB": 1_000_000}
FEWEST_ROWS = 10
"""On a screen."""
KEYS = "The quick brown fox jumps over it. "

# Notes when each thing is first there, and what held up the main thread, from the very beginning.
WATCH = """
window.there = {};
window.blocks = [];
window.events = [];
const seen = (name, selector) => {
  if (!(name in there) && document.querySelector(selector)) there[name] = performance.now();
};
new MutationObserver(() => {
  seen("usable", ".composer textarea");
  seen("begun", ".answer-text > *");
  seen("whole", ".answer-text:not([aria-busy]) > *");
}).observe(document, { childList: true, subtree: true, attributes: true });
const watch = (type, into, options) => new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) into.push(duration);
}).observe({ type, buffered: true, ...options });
watch("longtask", blocks);
watch("event", events, { durationThreshold: 16 });
"""
# Playwright's own way of filling types each line, and takes a quarter of a minute.
PASTE = """(field, text) => {
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}"""
GO = """(address) => {
  blocks.length = 0;
  window.asked = performance.now();
  location.hash = address;
}"""
LONGEST = "Math.max(0, ...blocks)"
# To the end again and again, until there is nothing more.
LOAD = """async (all) => {
  const size = () => Number(document.querySelector(".rows li").ariaSetSize);
  while (size() < all) {
    scrollTo(0, document.documentElement.scrollHeight);
    await new Promise((resume) => setTimeout(resume, 20));
  }
  scrollTo(0, 0);
}"""
SCROLL = """async ([steps, screens]) => {
  blocks.length = 0;
  let before = performance.now();
  const frames = [];
  let most = 0;
  for (let step = 0; step < steps; step++) {
    scrollBy(0, innerHeight * screens);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - before);
    before = now;
    most = Math.max(most, document.querySelector(".rows").children.length);
  }
  frames.sort((a, b) => a - b);
  const [{ ariaSetSize }] = document.querySelectorAll(".rows li");
  const late = frames[Math.floor(frames.length * 0.99)];
  return { "rows at most": most, "frame, 99 %": late, "tasks loaded": Number(ariaSetSize) };
}"""


def main() -> None:
    """Measure everything in as many rounds as asked for, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--keep", action="store_true", help="write it into docs/performance.md")
    options = parser.parse_args()
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        sys.exit("This needs Chromium (Debian: apt-get install chromium).")
    found: dict[str, list[float]] = {}
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory() as folder,
        Installation(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        site.valkey(None, "--appendfsync", "everysec")
        # Playwright's own loop runs in this thread.
        with ThreadPoolExecutor(1) as apart:
            ids = apart.submit(lambda: asyncio.run(_fill(site.redis_url, options.tasks))).result()
        site.api()
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for number in range(options.rounds + 1):
            for name, value in _round(browser, site.api_url, ids):
                if number > 0:  # the first one renders the answers
                    found.setdefault(name, []).append(value)
        for name, value in _whole_list(browser, site.api_url, options.tasks):
            found.setdefault(name, []).append(value)
        browser.close()
    rows = [
        f"| {options.rounds} rounds, {options.tasks:,} tasks | median | worst |",
        "|---|---:|---:|",
        *(
            f"| {name} | {statistics.median(values):,.0f} | {max(values):,.0f} |"
            for name, values in found.items()
        ),
    ]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    about = f"*{machine.sentence(machine.described())}; load before {load:.1f}; {today}.*"
    text = "\n".join([*rows, "", about])
    print(text)
    if options.keep:
        report.PAGE.write_text(markdown_table.replaced(report.PAGE.read_text(), "page", text))


def _round(browser: Browser, url: str, ids: dict[str, str]) -> Iterator[tuple[str, float]]:
    page, wire = _opened(browser, f"{url}/#/new")
    page.wait_for_function("() => there.usable")
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)  # for what is asked for afterwards
    yield "first load, bytes", sum(wire)
    yield "first load, ms until one can write", page.evaluate("there.usable")
    page.context.close()
    for size, task_id in ids.items():
        page, _ = _opened(browser, f"{url}/#/tasks/{task_id}")
        page.wait_for_function("() => there.whole", timeout=120_000)
        yield f"{size} by its address, ms until all is there", page.evaluate("there.whole")
        page.context.close()
        page, _ = _opened(browser, f"{url}/#/new")
        page.wait_for_function("() => there.usable")
        page.wait_for_timeout(500)
        page.evaluate(GO, f"/tasks/{task_id}")
        page.wait_for_function("() => there.whole", timeout=120_000)
        page.wait_for_timeout(300)  # the last long task is told late
        yield f"{size} from another view, ms until it begins", page.evaluate("there.begun - asked")
        yield (
            f"{size} from another view, ms until all is there",
            page.evaluate("there.whole - asked"),
        )
        yield f"{size} from another view, ms of the longest block", page.evaluate(LONGEST)
        page.context.close()
    page, _ = _opened(browser, f"{url}/#/new")
    field = page.get_by_label("Your message")
    field.evaluate(PASTE, PROSE.read_text() * (SIZES["200 KB"] // PROSE.stat().st_size))
    field.press("Control+End")
    page.wait_for_timeout(1_000)  # what follows a paste is over
    page.evaluate("events.length = 0")
    page.keyboard.type(KEYS, delay=60)
    page.wait_for_timeout(300)
    assert field.input_value().endswith(KEYS)
    yield "a key in 200 KB, ms at worst (0: below 16)", page.evaluate("Math.max(0, ...events)")
    page.context.close()
    page, _ = _opened(browser, f"{url}/#/tasks")
    yield from _scrolled(page, "long list", [600, 0.5])
    page.context.close()


def _whole_list(browser: Browser, url: str, tasks: int) -> Iterator[tuple[str, float]]:
    """All tasks in one list, gone through slowly and then from one end to the other."""
    page, _ = _opened(browser, f"{url}/#/tasks")
    page.wait_for_selector(".rows li")
    page.evaluate(LOAD, tasks)
    yield from _scrolled(page, "whole list, slowly", [300, 0.5])
    yield from _scrolled(page, "whole list, to its end", [300, tasks / FEWEST_ROWS / 300])
    page.context.close()


def _scrolled(page: Page, which: str, way: list[float]) -> Iterator[tuple[str, float]]:
    """Scrolling by ``way``: so many steps, each so many screens."""
    page.wait_for_selector(".rows li")
    for name, value in page.evaluate(SCROLL, way).items():
        yield f"{which}, {name}", value
    page.wait_for_timeout(300)  # the last long task is told late
    yield f"{which}, ms of the longest block", page.evaluate(LONGEST)


def _opened(browser: Browser, address: str) -> tuple[Page, list[float]]:
    """A page with nothing in its cache, and the bytes that come to it."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.add_init_script(WATCH)
    wire: list[float] = []
    session = context.new_cdp_session(page)
    session.on("Network.loadingFinished", lambda event: wire.append(event["encodedDataLength"]))
    session.send("Network.enable")
    page.goto(address)
    return page, wire


async def _fill(redis_url: str, tasks: int) -> dict[str, str]:
    redis = Redis.from_url(redis_url)
    try:
        await corpus.fill(redis, tasks)
        return {size: await _answered(redis, length) for size, length in SIZES.items()}
    finally:
        await redis.aclose()


async def _answered(redis: Redis, length: int) -> str:
    """A task whose answer has about so many bytes: headings, tables, code, formulas."""
    store = Store(redis, corpus.PROVIDER, confirm=False)
    text = PROSE.read_text() * (length // PROSE.stat().st_size)
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "role": "assistant", "content": [part]}
    response = orjson.dumps({"id": "resp", "status": "completed", "output": [message]})
    asked: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "input_text", "text": "?"}]}
    ]
    acceptance = TaskInsert(new_task_id(), corpus.PROVIDER, "Long", orjson.dumps(asked), limit=10)
    task = (await store.insert(acceptance)).task
    for change in (
        lambda task: changes.claim(task, "a claim", 60_000),
        lambda task: changes.mark_in_progress(task, f"resp_{length}", "queued", 60_000, 60_000),
        lambda task: changes.finish(
            task, changes.TaskResult(Status.COMPLETED, response=response, cost=1), polled=True
        ),
    ):
        after = await store.apply(change(task))
        assert after is not None
        task = after
    await redis.delete(queue_name(corpus.PROVIDER))
    return task.id


if __name__ == "__main__":
    main()
