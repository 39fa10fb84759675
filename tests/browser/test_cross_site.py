"""A page of another origin learns nothing about tasks, not even from how long a response takes."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness import Installation, http

pytestmark = pytest.mark.browser

LIMIT_MS = 110_000
"""Within which the attack has to end; it takes a third of that on a busy machine."""

WORDS = ("heliotrope", "marmalade")
"""One of the only task, and one of none."""

ATTACK = """async ([api, words, samples, limit]) => {
    const ended = (target) => new Promise((resolve) => {
        target.onload = target.onerror = target.onopen = resolve;
        if (target instanceof Node) document.body.append(target);
    }).then(() => target.remove?.());
    const element = (name) => (src) => ended(Object.assign(document.createElement(name), { src }));
    const loaders = {
        fetch: (url) => fetch(url, { mode: "no-cors" }).catch(() => null),
        cors: (url) => fetch(url).catch(() => null),
        img: element("img"),
        script: element("script"),
        iframe: element("iframe"),
        events: (url) => ended(new EventSource(url)),
    };
    const attack = async () => {
        for (const [name, load] of Object.entries(loaders))
            for (let number = 0; number < samples; number++)
                for (const word of words) await load(`${api}/v1/tasks?q=${word}&${name}=${number}`);
        return Object.keys(loaders).length;
    };
    const late = new Promise((_, fail) => setTimeout(fail, limit, new Error("it takes too long")));
    return Promise.race([attack(), late]);
}"""
"""All ways in which a page can time a response that it may not read."""


class Blank(BaseHTTPRequestHandler):
    """A site of one empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><body>")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(params=["127.0.0.1", "localhost"])
def foreign(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page of the same site on another port, and one of another site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server:
        threading.Thread(target=server.serve_forever).start()
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://{request.param}:{server.server_port}/")
        yield page
        context.close()
        server.shutdown()


def responses(site: Installation) -> dict[str, int]:
    """How many GETs the API refused (403), and how many the routes of tasks answered."""
    text = http.get(f"{site.api_url}/metrics").text
    name = "backburner_http_request_duration_seconds_count"

    def total(labels: str) -> int:
        counts = re.findall(rf'^{name}{{method="GET",{labels}}} (\S+)$', text, re.MULTILINE)
        return int(sum(map(float, counts)))

    return {
        "refused": total('route="none",status="403"'),
        "served": total('route="/v1/tasks",status="[^"]+"'),
    }


@pytest.mark.parametrize("samples", [20, pytest.param(200, marks=pytest.mark.thorough)])
def test_a_search_from_another_origin_is_refused_whatever_its_word(
    foreign: Page, site: Installation, samples: int
) -> None:
    """A search that is refused before any work has no time that depends on its word."""
    site.submit(f"What is {WORDS[0]}?")
    before = responses(site)
    ways = foreign.evaluate(ATTACK, [site.api_url, WORDS, samples, LIMIT_MS])
    after = responses(site)
    assert after["served"] == before["served"]
    assert after["refused"] - before["refused"] == ways * samples * len(WORDS)


def test_a_link_on_another_origin_leads_to_the_page_but_not_to_tasks(
    foreign: Page, site: Installation
) -> None:
    start = foreign.url
    for path, status in (("/v1/tasks?q=a", 403), ("/readyz", 403), ("/docs", 200), ("/", 200)):
        foreign.goto(start)
        with foreign.expect_navigation() as navigation:
            foreign.evaluate("(url) => { location = url; }", f"{site.api_url}{path}")
        assert navigation.value.status == status
    expect(foreign.get_by_role("heading", level=1)).to_have_text("New task")
