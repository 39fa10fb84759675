"""Paging through the list holds still, whatever is added or ends in between."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

BETWEEN = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 11)), min_size=1, max_size=8
)  # how many are added and which one ends, before each page


async def pages(client: httpx.AsyncClient, **query: Any) -> AsyncIterator[list[str]]:
    cursor: dict[str, str] = {}
    while cursor is not None:
        page = (await client.get("/v1/tasks", params=query | cursor)).json()
        yield [task["id"] for task in page["data"]]
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(limit=st.integers(1, 5), between=BETWEEN, filtered=st.booleans())
async def test_what_was_there_comes_once_and_in_order(
    limit: int,
    between: list[tuple[int, int]],
    filtered: bool,  # noqa: FBT001 -- drawn
    client: httpx.AsyncClient,
    submit: Any,
    service: Any,
) -> None:
    """Of one state, that is all that stay in it; what leaves it may be shown or not, but once."""
    await service.redis.flushall()
    there = [(await submit(f"Question {number}"))["id"] for number in range(12)]
    query = {"status": "queued"} if filtered else {}
    turns = iter(between)
    shown: list[str] = []
    left: set[str] = set()
    async for page in pages(client, limit=limit, **query):
        assert len(page) <= limit
        shown += page
        added, ending = next(turns, (0, 0))
        for number in range(added):
            await submit(f"Added {number}")
        if there[ending] not in left:
            left.add(there[ending])
            await client.post(f"/v1/tasks/{there[ending]}/cancel")
    assert len(shown) == len(set(shown))
    stayed = [task_id for task_id in there if not filtered or task_id not in left]
    assert [task_id for task_id in shown if task_id in stayed] == stayed[::-1]
