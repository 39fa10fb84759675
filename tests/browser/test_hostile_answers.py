"""An answer that means harm, in a real browser: row 38 of docs/reliability.md."""

import zlib

import orjson
import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

HARM = [
    "<script>document.title = 'harmed'</script>",
    "<img src=x onerror=\"document.title='harmed'\">",
    "![picture](http://evil.example/pixel.png)",
    "![picture](data:image/svg+xml;base64,PHN2Zy8+)",
    "[link](javascript:document.title='harmed')",
    "[link](&#106;avascript:document.title='harmed')",
    "[link](vbscript:x)",
    "[link](data:text/html,<script>1</script>)",
    "<svg onload=\"document.title='harmed'\"><use href=http://evil.example/x.svg></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=\"document.title='harmed'\">",
    "<iframe srcdoc=\"<script>parent.document.title='harmed'</script>\"></iframe>",
    "<style>@import 'http://evil.example/x.css'; body{display:none}</style>",
    '<link rel=stylesheet href="http://evil.example/x.css">',
    '<base href="http://evil.example/">',
    '<meta http-equiv=refresh content="0;url=http://evil.example/">',
    '<form action="http://evil.example/"><input name=q autofocus onfocus="document.title=1">',
    "<video><source onerror=\"document.title='harmed'\" src=http://evil.example/v></video>",
    '<a href="http://evil.example/" ping="http://evil.example/ping">ping</a>',
    "<div style=\"background:url('http://evil.example/b.png')\">styled</div>",
    "```html\n</code></pre><script>document.title='harmed'</script>\n```",
    "```\"><script>document.title='harmed'</script>\ncode\n```",
    "<http://evil.example/\"onmouseover=\"document.title='harmed'>",
    '[title](http://evil.example "\\"onmouseover=\\"document.title=1")',
    "| a |\n|---|\n| <img src=x onerror=document.title='harmed'> |",
    "<!--><script>document.title='harmed'</script>-->",
    "<noscript><p title=\"</noscript><img src=x onerror=document.title='harmed'>\">",
]


def test_row_38_a_hostile_answer_runs_nothing_and_calls_nobody(visitor: Visitor) -> None:
    """The page fixture fails on any foreign request, policy violation or script error."""
    site = visitor.site
    task = site.ended(site.submit("What could go wrong?")["id"])
    key = f"backburner:task:{task['id']}:response"
    response = orjson.loads(zlib.decompress(site.store.get(key)))
    message = next(item for item in response["output"] if item["type"] == "message")
    message["content"] = [
        {
            "type": "output_text",
            "text": f"Begin\n\n{text}\n\nEnd {number}",
            "annotations": [
                {
                    "type": "url_citation",
                    "url": "javascript:document.title='harmed'",
                    "title": "<img src=x onerror=document.title='harmed'>",
                    "start_index": 0,
                    "end_index": 5,
                }
            ],
        }
        for number, text in enumerate(HARM)
    ]
    site.store.set(key, orjson.dumps(response))

    visitor.open_task(task["id"])

    expect(visitor.answer).to_contain_text(f"End {len(HARM) - 1}")
    for link in visitor.answer.get_by_role("link").all():
        assert (link.get_attribute("href") or "").startswith(("http://", "https://", "#", "/v1/"))
    assert (
        visitor.answer.locator("script, img, svg, iframe, form, style, link, object").count() == 0
    )
    assert "harmed" not in visitor.page.title()
