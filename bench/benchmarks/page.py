"""Measures the page in Chromium: the first load, and a 200 KB answer from another view."""

import asyncio
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
from playwright.sync_api import Browser, Page, sync_playwright
from redis.asyncio import Redis

from bench import corpus
from bench.benchmark import Benchmark, Figure, Run, Unavailable, Values
from tests.harness import ROOT, Installation

ANSWER = ROOT / "tests" / "screenshots" / "violin.md"
ANSWER_BYTES = 200_000

# Records when each element first appears and how long the main thread is blocked.
OBSERVE = """
window.there = {};
window.blocks = [];
const seen = (name, selector) => {
  if (!(name in there) && document.querySelector(selector)) there[name] = performance.now();
};
new MutationObserver(() => {
  seen("usable", ".composer .messages textarea");
  seen("whole", ".answer-text:not([aria-busy]) > *");
}).observe(document, { childList: true, subtree: true, attributes: true });
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) blocks.push(duration);
}).observe({ type: "longtask", buffered: true });
"""
OPEN = """(address) => {
  blocks.length = 0;
  window.asked = performance.now();
  location.hash = address;
}"""


def measure(_: Run) -> Values:
    """Open the page with an empty cache, then an answer that was rendered before."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        raise Unavailable("needs Chromium (Debian: apt-get install chromium)")
    with (
        tempfile.TemporaryDirectory() as folder,
        Installation(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        site.valkey(None, "--appendfsync", "everysec")
        # Playwright runs its own event loop in this thread.
        with ThreadPoolExecutor(1) as executor:
            task_id = executor.submit(lambda: asyncio.run(_seed(site.redis_url))).result()
        site.api()
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        _open_answer(browser, site.api_url, task_id)  # renders it
        first_load = _load(browser, site.api_url)
        answer = _open_answer(browser, site.api_url, task_id)
        browser.close()
        return first_load | answer


def _load(browser: Browser, url: str) -> Values:
    page, received = _new_page(browser, f"{url}/#/new")
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)  # later requests count, too
    values = {"kilobytes": sum(received) / 1000, "usable": page.evaluate("there.usable")}
    page.context.close()
    return values


def _open_answer(browser: Browser, url: str, task_id: str) -> Values:
    page, _ = _new_page(browser, f"{url}/#/new")
    page.wait_for_timeout(500)
    page.evaluate(OPEN, f"/tasks/{task_id}")
    page.wait_for_function("() => there.whole", timeout=120_000)
    page.wait_for_timeout(300)  # the observer reports the last block late
    values = {
        "answer": page.evaluate("there.whole - asked"),
        "block": page.evaluate("Math.max(0, ...blocks)"),
    }
    page.context.close()
    return values


def _new_page(browser: Browser, address: str) -> tuple[Page, list[float]]:
    """Return a usable page with an empty cache, and the list of bytes it receives."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    received: list[float] = []
    session = context.new_cdp_session(page)
    session.on("Network.loadingFinished", lambda e: received.append(e["encodedDataLength"]))
    session.send("Network.enable")
    page.goto(address)
    page.wait_for_function("() => there.usable")
    return page, received


async def _seed(redis_url: str) -> str:
    """Store a task whose answer has headings, tables, code and formulas; return its id."""
    text = ANSWER.read_text() * (ANSWER_BYTES // ANSWER.stat().st_size)
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "role": "assistant", "content": [part]}
    response = orjson.dumps({"id": "resp", "status": "completed", "output": [message]})
    async with Redis.from_url(redis_url) as redis:
        return (await corpus.ended_task(redis, "Long", response)).id


BENCHMARK = Benchmark(
    "page",
    (
        Figure("kilobytes", "first load of the page", "KB", 110),
        Figure("usable", "first load until one can write", "ms", 400),
        Figure("answer", "200 KB answer from another view, rendered before", "ms", 600),
        Figure("block", "its longest block of the page", "ms", 200),
    ),
    measure,
    rounds=4,
)
