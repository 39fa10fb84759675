"""Without tokens there is no owner."""

import httpx


async def test_without_tokens_there_is_no_owner(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/me")).json() == {"id": None, "name": None, "admin": True}
