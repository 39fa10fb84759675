"""The page under a path, behind nginx that buffers: it works, and shows events within seconds."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page_object import Visitor
from tests.harness import Installation, http
from tests.proxies import NGINX, ROOT_PATH, WITHOUT_NGINX, start_nginx

pytestmark = [
    pytest.mark.browser,
    pytest.mark.integration,
    pytest.mark.thorough,
    pytest.mark.skipif(NGINX is None, reason=WITHOUT_NGINX),
]

EVENT_MS = 3_000


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("sub-path")) as pieces:
        pieces.valkey()
        pieces.simulator()
        pieces.poller()
        pieces.api(BACKBURNER_ROOT_PATH=ROOT_PATH)
        yield pieces


@pytest.fixture(scope="module", params=[True, False], ids=["path removed", "path kept"])
def url(request: pytest.FixtureRequest, pieces: Installation) -> str:
    return start_nginx(pieces, removes_path=request.param)


@pytest.fixture
def visitor(page: Page, pieces: Installation, url: str) -> Visitor:
    return Visitor(page, replace(pieces, api_url=url))


def test_a_task_is_submitted_followed_and_read(visitor: Visitor) -> None:
    page = visitor.page
    with page.expect_response("**/v1/events") as stream:
        visitor.open()
    assert stream.value.url == f"{visitor.site.api_url}/v1/events"
    visitor.hand_in("Does a path matter?")
    expect(visitor.answer).to_be_visible()
    # What another program submits is here at once: an event has told it, not the next reading.
    reply = http.post(f"{visitor.site.api_url}/v1/tasks", json={"input": "From elsewhere"})
    expect(visitor.listed.filter(has_text="From elsewhere")).to_be_visible(timeout=EVENT_MS)
    visitor.open_task(reply.json()["id"])
    expect(visitor.answer).to_be_visible()
    visitor.open("#/tasks")
    expect(visitor.rows.filter(has_text="Does a path matter?").first).to_be_visible()
    visitor.open("#/system")
    expect(visitor.heading).to_be_visible()


def test_the_documentation_calls_the_api_under_the_path(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{visitor.site.api_url}/docs")
    expect(page.locator(".servers select option").first).to_have_text(ROOT_PATH)
