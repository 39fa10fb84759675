"""The page and the documentation come from here alone."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
import pytest

from services.api.http.security_headers import CONTENT_SECURITY_POLICY

PARTS = ("text/javascript", "text/css")
"""Never a page itself: the policy of a page holds for them."""


class Page(HTMLParser):
    """The addresses that a page loads, and whether it holds a script or a style of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.addresses += [given[name] or "" for name in ("src", "href") if name in given]
        if (tag == "script" and "src" not in given) or tag == "style" or "style" in given:
            self.inline.append(tag)
        self.inline += [name for name in given if name.startswith("on")]


@pytest.mark.parametrize(("path", "title"), [("/", "Backburner"), ("/docs", "Backburner API")])
async def test_a_page_loads_only_what_is_served_here(
    path: str, title: str, client: httpx.AsyncClient
) -> None:
    reply = await client.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<title>{title}</title>" in reply.text
    page = Page()
    page.feed(reply.text)
    assert page.addresses
    assert not page.inline
    for address in page.addresses:
        url = urljoin(f"http://localhost:8000{path}", address)
        assert url.startswith("http://localhost:8000/"), address
        part = await client.get(url)
        assert part.status_code == 200, address
        assert part.headers["x-content-type-options"] == "nosniff"
        if path == "/docs" or not part.headers["content-type"].startswith(PARTS):
            policy = part.headers["content-security-policy"]
            assert policy.startswith(CONTENT_SECURITY_POLICY)


@pytest.mark.parametrize("path", ["/%2e%2e/pyproject.toml", "/docs/..%2f..%2fapp.py", "/docs/%00"])
async def test_nothing_beside_the_pages_is_served(path: str, client: httpx.AsyncClient) -> None:
    assert (await client.get(path)).status_code == 404


async def test_the_documentation_is_drawn_from_our_own_description(
    client: httpx.AsyncClient,
) -> None:
    assert 'url: "/openapi.json"' in (await client.get("/docs/start.js")).text
