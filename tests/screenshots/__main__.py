"""Takes the pictures in docs/images: a real page of a real installation, with made-up tasks in it.

Only the provider is a stand-in (bench/stub.py), which says of every response that it goes on.
"""

import argparse
import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright
from redis.asyncio import Redis

from tests.harness import ROOT, Installation, eventually
from tests.screenshots import views
from tests.screenshots.seed import PROVIDER, Stage

SCREENS: dict[str, ViewportSize] = {
    "desktop": {"width": 1120, "height": 840},
    "phone": {"width": 390, "height": 844},
}
UNSETTLED = re.compile(r"^(Loading|Searching)")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """Fill a store, and take every picture on every screen in both schemes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument(
        "--only", nargs="+", default=views.DOCUMENTED, help="names of the views to take"
    )
    options = parser.parse_args()
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        sys.exit("The pictures need Chromium (Debian: apt-get install chromium).")
    options.to.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Installation(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        settings = _start(site)
        poller = site.poller(**settings)
        _take(browser, site, views.EMPTY, options.to, options.only)
        poller.stop()  # it is not to send what is only said to have been sent
        # Playwright's own loop runs in this thread.
        with ThreadPoolExecutor(1) as apart:
            ids = apart.submit(lambda: asyncio.run(_fill(site.redis_url))).result()
        site.poller(**settings)
        _take(browser, site, views.of(ids), options.to, options.only)
        browser.close()
    taken = list(options.to.glob("*.png"))
    size = sum(each.stat().st_size for each in taken) / 1e6
    sys.stdout.write(f"{len(taken)} pictures, {size:.2f} MB in {options.to}\n")


def _start(site: Installation) -> dict[str, str]:
    """Everything but a poller, whose settings are returned."""
    site.valkey()
    stub = site.start("provider", [sys.executable, str(ROOT / "bench" / "stub.py")], {})
    eventually(lambda: stub.output.endswith("\n"), "the provider says its port")
    port = stub.output.strip()
    site.api(BACKBURNER_PROVIDER=PROVIDER, BACKBURNER_WEBHOOK_ALLOW=views.WEBHOOK_HOST)
    return {
        "BACKBURNER_PROVIDER": PROVIDER,
        "OPENAI_API_KEY": "sk-pictures",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
        "BACKBURNER_POLL_INTERVAL": "61",
    }


async def _fill(redis_url: str) -> dict[str, str]:
    redis = Redis.from_url(redis_url)
    try:
        return await Stage(redis).set()
    finally:
        await redis.aclose()


def _take(
    browser: Browser,
    site: Installation,
    wanted: Iterable[views.View],
    to: Path,
    only: Iterable[str],
) -> None:
    for scheme in SCHEMES:
        for screen, size in SCREENS.items():
            for view in wanted:
                if view.name not in only:
                    continue
                context = browser.new_context(
                    viewport=size, color_scheme=scheme, locale="en-GB", reduced_motion="reduce"
                )
                page = context.new_page()
                page.goto(f"{site.api_url}/#{view.address}")
                expect(page.get_by_role("heading", level=1)).to_be_attached()
                expect(page.get_by_text(UNSETTLED)).to_have_count(0)
                view.prepare(page)
                page.screenshot(path=to / f"{view.name}-{screen}-{scheme}.png")
                context.close()


if __name__ == "__main__":
    main()
