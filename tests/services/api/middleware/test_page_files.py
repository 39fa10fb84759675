"""The page's files travel without their comments and with what they import; no code changes."""

import os
import re
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.api.middleware.page_files import PageFiles, bare
from services.api.routes.pages import FRONTEND

WRITTEN = {
    str(each.relative_to(FRONTEND)): each.read_text()
    for each in sorted(FRONTEND.rglob("*"))
    if each.suffix in (".js", ".css")
}

GONE = re.compile(r"\s*(/\*|\*|[^`;{}]*\*/$)|(import|@import) .*\";$")
"""Comments, and what is replaced by what it names."""


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        (b"/** Why. */\nlet a;\n", b"\nlet a;\n"),
        (b"  /**\n   * Why.\n   */\n  let a;", b"\n\n\n  let a;"),
        (b"/** @type {A} */ (a).b();\nlet c; /* d */\n", None),
        (b"/* a */ b /* c */\nlet d;\n", None),
        (b"let a = 1; // b\n// c\n", None),
    ],
)
def test_only_comments_with_lines_to_themselves_go(source: bytes, sent: bytes | None) -> None:
    assert bare(source) == (source if sent is None else sent)


@pytest.mark.parametrize("name", WRITTEN)
async def test_no_line_is_lost_and_no_code_but_imports(
    name: str, client: httpx.AsyncClient
) -> None:
    reply = await client.get(f"/{name}")
    assert reply.headers["sourcemap"] == f"/{name}.map"
    sections = (await client.get(f"/{name}.map")).json()["sections"]
    parts = {each["map"]["sources"][0]: each["map"]["sourcesContent"][0] for each in sections}
    assert parts == {part: WRITTEN[part[1:]] for part in parts}
    assert list(parts)[-1] == f"/{name}"
    written = "\n".join(parts.values()).split("\n")
    sent = re.sub(r"^import \{ .* \} from \"/scripts/main.js\"; ", "", reply.text).split("\n")
    assert len(sent) == len(written)
    changed = [pair for pair in zip(written, sent, strict=True) if pair[0] != pair[1]]
    assert [was for was, now in changed if not now and not GONE.match(was)] == []
    assert [pair for pair in changed if pair[1] and _rooted(pair[0]) != _rooted(pair[1])] == []


def _rooted(line: str) -> str:
    """What a script brings later is named from the root."""
    return re.sub(r"import\(\"[./]*(\w+/)?", "import(", line)


@pytest.mark.parametrize("name", [name for name in WRITTEN if name.endswith(".js")])
def test_nothing_that_goes_is_text_of_a_template(name: str) -> None:
    """In there a comment is none; every template before it has ended where its marks are even."""
    pieces = re.split(r"(?ms)^[ \t]*/\*.*?\*/[ \t]*$", WRITTEN[name])
    assert [piece for piece in pieces if piece.count("`") % 2] == []


async def test_a_range_of_a_file_is_the_whole_and_its_length_is_true(
    client: httpx.AsyncClient,
) -> None:
    reply = await client.get(
        "/scripts/main.js", headers={"Range": "bytes=0-9", "Accept-Encoding": "identity"}
    )
    assert reply.status_code == 200
    assert reply.headers["content-length"] == str(len(reply.content))
    assert "accept-ranges" not in reply.headers


async def test_a_file_that_is_written_anew_is_sent_anew(tmp_path: Path) -> None:
    file = tmp_path / "a.js"
    file.write_text("let a = 1;")
    (tmp_path / "b.js").write_text('import { a } from "./a.js";')
    files = PageFiles(nowhere, tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(files), base_url="http://a") as page:
        first = await page.get("/a.js")
        within = await page.get("/b.js")
        file.write_text("let a = 2;")
        os.utime(file, ns=(1, 1))
        second = await page.get("/a.js", headers={"If-None-Match": first.headers["etag"]})
        anew = await page.get("/b.js", headers={"If-None-Match": within.headers["etag"]})
        third = await page.get("/a.js", headers={"If-None-Match": second.headers["etag"]})
        file.write_text('import "./new.js";')
        (tmp_path / "new.js").write_text("let b;")
        grown = await page.get("/a.js")
        file.unlink()
        gone = await page.get("/a.js")
    assert [first.text, second.text] == ["let a = 1;", "let a = 2;"]
    assert [within.text, anew.text] == ["let a = 1;\n", "let a = 2;\n"]
    assert grown.text == "let b;\n"
    assert [third.status_code, gone.status_code] == [304, 404]


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """What comes after the files."""
    await Response(status_code=404)(scope, receive, send)
