"""The page travels without its comments, and is otherwise what stands in its files."""

import re

import httpx
import pytest

from services.api.bare import bare
from services.api.routes.pages import FRONTEND

WRITTEN = {
    str(each.relative_to(FRONTEND)): each.read_text()
    for each in sorted(FRONTEND.rglob("*"))
    if each.suffix in (".js", ".css")
}


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
async def test_no_line_of_a_file_moves_and_no_code_goes(
    name: str, client: httpx.AsyncClient
) -> None:
    written = WRITTEN[name].split("\n")
    sent = (await client.get(f"/{name}")).text.split("\n")
    assert len(sent) == len(written)
    gone = [was for was, now in zip(written, sent, strict=True) if was != now]
    assert [line for line in gone if not re.match(r"\s*(/\*|\*|[^`;{}]*\*/$)", line)] == []
    assert [line for line in sent if line and line not in written] == []


async def test_a_range_of_a_file_is_the_whole_and_its_length_is_true(
    client: httpx.AsyncClient,
) -> None:
    reply = await client.get(
        "/scripts/main.js", headers={"Range": "bytes=0-9", "Accept-Encoding": "identity"}
    )
    assert reply.status_code == 200
    assert reply.headers["content-length"] == str(len(reply.content))
    assert "accept-ranges" not in reply.headers
