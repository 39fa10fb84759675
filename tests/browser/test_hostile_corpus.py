"""What is meant to harm does harm a page without defences.

In a browser of its own, which may not survive it.
"""

from html import escape
from time import monotonic

import pytest
from playwright.sync_api import Browser

from tests.browser.request_probe import calls, watched
from tests.hostile_answers import HTML

pytestmark = pytest.mark.browser


def test_the_same_answers_do_harm_where_nothing_stands_against_them(browser: Browser) -> None:
    """Else test_hostile_answers would pass for want of an eye."""
    page = browser.new_page()
    seen = watched(page)
    blank = "http://127.0.0.1:9/"  # so that an address without a scheme is one
    frames = "".join(f'<iframe srcdoc="{escape(harm)}"></iframe>' for harm in HTML)
    page.route(blank, lambda route: route.fulfill(content_type="text/html", body=frames))
    page.goto(blank, wait_until="commit")
    end = monotonic() + 20
    while not (harmed := seen.count("dialog") >= 10 and calls(seen) >= 5) and monotonic() < end:
        page.wait_for_timeout(50)
    assert harmed, seen
