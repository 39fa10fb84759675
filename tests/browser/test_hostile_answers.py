"""Answers that mean harm, in a real browser: row 38 of docs/reliability.md."""

import zlib

import orjson
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.page_object import Visitor
from tests.browser.request_probe import calls, watched
from tests.hostile_answers import ALL

pytestmark = pytest.mark.browser

INERT = (
    "script, img, svg, iframe, form, style, link, object, template, video, audio, input, [style]"
)


def answered(visitor: Visitor, texts: list[str]) -> str:
    """A task whose answer is all of these, each between its own marks, with a hostile source."""
    site = visitor.site
    task = site.ended(site.submit("What could go wrong?")["id"])
    key = f"backburner:task:{task['id']}:response"
    response = orjson.loads(zlib.decompress(site.store.get(key)))
    message = next(item for item in response["output"] if item["type"] == "message")
    message["content"] = [
        {
            "type": "output_text",
            "text": f"Begin\n\n{text}\n\nEnd {number}.",
            "annotations": [
                {
                    "type": "url_citation",
                    "url": "javascript:alert(1)",
                    "title": "<img src=x onerror=alert(1)>",
                    "start_index": 0,
                    "end_index": 5,
                }
            ],
        }
        for number, text in enumerate(texts)
    ]
    site.store.set(key, orjson.dumps(response))
    return str(task["id"])


def test_row_38_a_hostile_answer_runs_nothing_and_calls_nobody(visitor: Visitor) -> None:
    """The page fixture fails on any foreign request, policy violation or script error too."""
    assert len(set(ALL)) >= 150
    seen = watched(visitor.page)
    visitor.open_task(answered(visitor, ALL))
    expect(visitor.answer).to_contain_text(f"End {len(ALL) - 1}.")
    text = visitor.answer.text_content() or ""
    assert [number for number in range(len(ALL)) if f"End {number}." not in text] == []
    for href in visitor.answer.get_by_role("link").evaluate_all(
        "links => links.map((link) => link.getAttribute('href'))"
    ):
        assert (href or "").startswith(("http://", "https://", "mailto:", "#", "/v1/")), href
    assert visitor.answer.locator(INERT).count() == 0
    handlers = (
        "nodes => nodes.flatMap((node) => node.getAttributeNames()).filter((n) => /^on/.test(n))"
    )
    assert visitor.answer.locator("*").evaluate_all(handlers) == []
    # Whoever reads it points at it, goes through it by keyboard, and prints it.
    visitor.page.mouse.wheel(0, 2_000)
    for _ in range(20):
        visitor.page.keyboard.press("Tab")
    visitor.page.emulate_media(media="print")
    assert seen == []
    assert visitor.answer.locator("math").count() > 5


def test_the_policy_stops_what_the_sanitizer_would_let_through(
    browser: Browser, visitor: Visitor
) -> None:
    """The last wall alone: the API's HTML is replaced on its way by one that means harm."""
    task_id = answered(visitor, ["Nothing."])
    context = browser.new_context()
    context.add_init_script(
        "addEventListener('securitypolicyviolation', (event) =>"
        " console.error('policy violated:', event.violatedDirective))"
    )
    page = context.new_page()
    seen = watched(page)
    harm = "<p>Loaded<img src=http://evil.example/x.png onerror=alert(1)><script>alert(1)</script>"
    page.route("**/answer", lambda route: route.fulfill(content_type="text/html", body=harm))
    page.goto(f"{visitor.site.api_url}/#/tasks/{task_id}")
    expect(page.get_by_text("Loaded")).to_be_visible()
    for _ in range(100):  # the console is told a little later than the page
        if "violation" in seen:
            break
        page.wait_for_timeout(50)
    assert "violation" in seen
    assert "dialog" not in seen
    refused = page.evaluate("""() => [
        () => { document.createElement("p").innerHTML = "x"; },
        () => { document.createElement("script").src = "/scripts/main.js"; },
        () => trustedTypes.createPolicy("mine", {}),
        () => trustedTypes.createPolicy("backburner-answer", {}),
    ].filter((act) => { try { act(); return false; } catch { return true; } }).length""")
    assert refused == 4
    context.close()
    assert calls(seen) == 0
