"""The page and the documentation come from here alone."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
import pytest

from services.api.http.security_headers import CONTENT_SECURITY_POLICY
from services.api.routes.pages import DOCS_FILES, FRONTEND
from tests.services.api.conftest import Service

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
async def test_a_page_loads_only_from_here(path: str, title: str, service: Service) -> None:
    reply = await service.http.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<title>{title}</title>" in reply.text
    page = Page()
    page.feed(reply.text)
    assert page.addresses
    assert not page.inline
    for address in page.addresses:
        if address.startswith("data:image/svg+xml,"):
            continue
        url = urljoin(f"http://localhost:8000{path}", address)
        assert url.startswith("http://localhost:8000/"), address
        part = await service.http.get(url)
        assert part.status_code == 200, address
        assert part.headers["x-content-type-options"] == "nosniff"
        if path == "/docs" or not part.headers["content-type"].startswith(PARTS):
            policy = part.headers["content-security-policy"]
            assert policy.startswith(CONTENT_SECURITY_POLICY)


def test_every_address_of_a_page_is_relative() -> None:
    """So the pages work under the path of any proxy."""
    served = {"v1", "docs", "openapi.json", "readyz", "healthz", "metrics"}
    served |= {path.name for path in FRONTEND.iterdir()}
    absolute = re.compile(rf"""["'`(]/(?:{"|".join(map(re.escape, served))})["'`/?]""")
    pages = [*FRONTEND.rglob("*.*"), *DOCS_FILES[""].parent.iterdir()]
    texts = [path for path in pages if path.suffix in {".html", ".css", ".js"}]
    assert len(texts) > 50
    found = {path.name: absolute.findall(path.read_text()) for path in texts}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}


@pytest.mark.parametrize("path", ["/%2e%2e/pyproject.toml", "/docs/..%2f..%2fapp.py", "/docs/%00"])
async def test_nothing_beside_the_pages_is_served(path: str, client: httpx.AsyncClient) -> None:
    assert (await client.get(path)).status_code == 404


async def test_the_documentation_is_drawn_from_our_own_description(service: Service) -> None:
    assert 'url: "openapi.json"' in (await service.http.get("/docs/start.js")).text


@pytest.mark.parametrize("path", ["/", "/scripts/main.js", "/styles/base.css"])
async def test_a_file_is_sent_again_only_when_it_has_changed(path: str, service: Service) -> None:
    reply = await service.http.get(path)
    assert reply.content == (FRONTEND / (path.strip("/") or "index.html")).read_bytes()
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["content-encoding"] == "gzip"
    known = {"If-None-Match": reply.headers["etag"]}
    assert (await service.http.get(path, headers=known)).status_code == 304
    stale = await service.http.get(path, headers={"If-None-Match": '"of another version"'})
    assert stale.status_code == 200


async def test_the_description_is_sent_again_only_if_it_has_changed(service: Service) -> None:
    first = await service.http.get("/openapi.json")
    assert first.json()["openapi"].startswith("3.1")
    same = await service.http.get("/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert (await service.http.get("/openapi.json")).content == first.content
