"""A real Chromium in front of a real installation, and a page that tolerates no misbehaviour."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

from tests.browser.page_object import Visitor
from tests.harness import Installation

LEFT_OUT = "LEFT OUT: the browser tests need Chromium (Debian: apt-get install chromium)"
expect.set_options(timeout=15_000)

# One browser a file: playwright's event loop must be gone before a test that runs its own loop.


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        # Where the tests decide what lands, leaving some out in silence would be a lie.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(LEFT_OUT)
    with sync_playwright() as playwright:
        # A container's root has no sandbox; the pages are our own.
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One of everything, shared by the tests that leave it as they found it."""
    with Installation(tmp_path_factory.mktemp("site")) as pieces:
        yield pieces.all()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page; script errors, policy violations and foreign requests fail its test."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC")
    context.add_init_script(
        "addEventListener('securitypolicyviolation', (event) =>"
        " console.error('policy violated:', event.violatedDirective, event.blockedURI))"
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on(
        "console",
        lambda said: faults.append(said.text) if _is_fault(said.type, said.text) else None,
    )
    page.on("response", lambda reply: faults.append(reply.url) if _is_missing(reply) else None)
    page.on(
        "request",
        lambda sent: (
            faults.append(f"foreign request: {sent.url}")
            if urlsplit(sent.url).hostname != "127.0.0.1"
            else None
        ),
    )
    yield page
    context.close()
    assert faults == []


@pytest.fixture
def visitor(page: Page, site: Installation) -> Visitor:
    """Someone at the shared installation's page."""
    return Visitor(page, site)


def _is_fault(kind: str, text: str) -> bool:
    # Chromium reports every refusal and lost connection by itself; the page shows them too.
    return kind in {"error", "warning"} and not text.startswith("Failed to load resource")


def _is_missing(reply: Response) -> bool:
    path = urlsplit(reply.url).path
    return reply.status >= 400 and not path.startswith(("/v1/", "/readyz"))
