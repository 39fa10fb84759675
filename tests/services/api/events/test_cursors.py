"""With tokens, a cursor reveals nothing of the number that it stands for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.events.cursors import CursorCodec, EncryptedCursors, PlainCursors

KEY = b"k" * 32
HIGHEST = 10**15 - 1


@given(st.integers(0, HIGHEST))
def test_every_replica_decodes_a_cursor(number: int) -> None:
    for one, other in (
        (PlainCursors(), PlainCursors()),
        (EncryptedCursors(KEY), EncryptedCursors(KEY)),
    ):
        assert other.decode(one.encode(number)) == number


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{48}", fullmatch=True))
def test_other_text_is_no_cursor(text: str) -> None:
    assert EncryptedCursors(KEY).decode(text) is None


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", "9" * 16, "\u0661", "abc", " 1"])
def test_only_digits_are_a_plain_number(text: str) -> None:
    assert PlainCursors().decode(text) is None


def test_not_one_character_can_be_changed() -> None:
    shown = EncryptedCursors(KEY).encode(4711)
    for at in range(len(shown)):
        for letter in "Aa0_":
            changed = shown[:at] + letter + shown[at + 1 :]
            assert EncryptedCursors(KEY).decode(changed) == (4711 if changed == shown else None)


def test_a_cursor_differs_each_time_and_another_key_cannot_decode_it() -> None:
    shown = {EncryptedCursors(KEY).encode(4711) for _ in range(100)}
    assert len(shown) == 100
    assert {len(each) for each in shown} == {48}
    assert not any("4711" in each for each in shown)
    assert {EncryptedCursors(b"o" * 32).decode(each) for each in shown} == {None}


@pytest.mark.parametrize(
    "codec", [PlainCursors(), EncryptedCursors(KEY)], ids=["plain", "encrypted"]
)
async def test_pages_go_on_from_a_cursor_of_either_kind(service: Any, codec: CursorCodec) -> None:
    async with service.client(broadcaster=service.broadcaster(cursors=codec)) as client:
        made = [
            (await client.post("/v1/tasks", json={"input": f"Why {number}?"})).json()["id"]
            for number in range(5)
        ]
        listed, cursors = [], []
        query: dict[str, Any] = {"limit": 2}
        while True:
            page = (await client.get("/v1/tasks", params=query)).json()
            listed += [task["id"] for task in page["data"]]
            if page["next_cursor"] is None:
                break
            cursors.append(page["next_cursor"])
            query["cursor"] = page["next_cursor"]
        assert listed == made[::-1]
        assert all(cursor.isdecimal() is isinstance(codec, PlainCursors) for cursor in cursors)
        for wrong in ("x", "A" * 48, "9" * 16):
            reply = await client.get("/v1/tasks", params={"cursor": wrong})
            assert reply.status_code == 422
            assert reply.json()["errors"][0]["field"] == "cursor"
            assert "next_cursor of the previous page" in reply.json()["errors"][0]["message"]
