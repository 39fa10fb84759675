"""Saved instructions are kept until they are deleted, and their number and size are bounded."""

import httpx
import pytest

from shared.store.presets import MAX_PRESETS

BRIEF = {"name": "Brief", "text": "Be brief."}


async def test_presets_are_saved_replaced_listed_by_name_and_deleted(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/v1/presets")).json() == {"data": []}
    await client.put("/v1/presets/b", json=BRIEF)
    await client.put("/v1/presets/a", json={"name": "careful", "text": "Be careful."})
    saved = await client.put("/v1/presets/b", json=BRIEF | {"text": "Be very brief."})
    assert saved.json() == BRIEF | {"id": "b", "text": "Be very brief."}
    listed = (await client.get("/v1/presets")).json()["data"]
    assert [each["id"] for each in listed] == ["b", "a"]
    for _ in range(2):
        assert (await client.delete("/v1/presets/b")).status_code == 204
    assert [each["id"] for each in (await client.get("/v1/presets")).json()["data"]] == ["a"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("a", {"name": " ", "text": "x"}, "name"),
        ("a", {"name": "x", "text": ""}, "text"),
        ("a", {"name": "x", "text": "x" * 50_001}, "text"),
        ("a", BRIEF | {"model": "x"}, "model"),
        ("a.b", BRIEF, "preset_id"),
    ],
)
async def test_what_is_not_a_preset_is_refused_by_its_field(
    client: httpx.AsyncClient, path: str, body: dict[str, str], field: str
) -> None:
    reply = await client.put(f"/v1/presets/{path}", json=body)
    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == [field]


async def test_an_owner_can_save_a_bounded_number(client: httpx.AsyncClient) -> None:
    for number in range(MAX_PRESETS):
        assert (await client.put(f"/v1/presets/{number}", json=BRIEF)).is_success
    assert (await client.put("/v1/presets/0", json=BRIEF)).is_success
    reply = await client.put("/v1/presets/more", json=BRIEF)
    assert reply.status_code == 422
    assert "100 presets" in reply.json()["errors"][0]["message"]
