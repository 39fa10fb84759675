"""``GET /v1/tasks?q=``: the same list, narrowed to what has the words."""

import pytest

from shared.store import keys
from tests.services.api.conftest import Service


async def test_found_tasks_look_as_in_the_list(service: Service) -> None:
    await service.submit("Why is grass green?")
    task = await service.submit("Why is the sky blue?", title="Colours")
    await service.completed(task["id"])
    await service.indexer.sync()
    listed = (await service.http.get("/v1/tasks")).json()["data"]
    for query in ("sky", '"is the sky"', "colours BECAUSE", "beca*"):
        reply = await service.http.get("/v1/tasks", params={"q": query})
        assert reply.status_code == 200
        assert reply.json() == {"data": listed[:1], "next_cursor": None}


async def test_a_search_is_paged_and_filtered_as_the_list_is(service: Service) -> None:
    ids = [(await service.submit("sky"))["id"] for _ in range(4)]
    await service.completed(ids[1])
    await service.indexer.sync()
    params = {"q": "sky", "status": "queued", "limit": 2}
    first = (await service.http.get("/v1/tasks", params=params)).json()
    cursor = first["next_cursor"]
    second = (await service.http.get("/v1/tasks", params={**params, "cursor": cursor})).json()
    found = [task["id"] for page in (first, second) for task in page["data"]]
    assert found == [ids[3], ids[2], ids[0]]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "advice"), [("", "empty"), ("x" * 201, "200"), ("?!", "no word"), ("a*", "3 letters")]
)
async def test_an_invalid_query_says_why(query: str, advice: str, service: Service) -> None:
    reply = await service.http.get("/v1/tasks", params={"q": query})
    (error,) = reply.json()["errors"]
    assert reply.status_code == 422
    assert error["field"] == "q"
    assert advice in error["message"]


async def test_until_the_index_is_made_only_the_list_is_there(service: Service) -> None:
    await service.submit("sky")
    reply = await service.http.get("/v1/tasks", params={"q": "sky"})
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "5")
    assert reply.json()["type"] == "urn:backburner:problem:search-index-not-ready"
    assert (await service.http.get("/v1/tasks")).status_code == 200


async def test_without_the_store_it_is_the_store_that_is_away(service: Service) -> None:
    await service.submit("sky")
    await service.indexer.sync()
    service.server.connected = False
    reply = await service.http.get("/v1/tasks", params={"q": "sky"})
    assert reply.json()["type"] == "urn:backburner:problem:store-unavailable"


async def test_a_found_task_says_why_as_plain_text(service: Service) -> None:
    answered = await service.submit("What colours <b>the</b> sky?")
    titled = await service.submit("Another question", title="Sky")
    await service.indexer.sync()
    page = (await service.http.get("/v1/tasks", params={"q": "sky", "snippets": True})).json()
    assert [task["id"] for task in page["data"]] == [titled["id"], answered["id"]]
    assert page["snippets"] == {
        answered["id"]: {
            "field": "prompt",
            "parts": [
                {"text": "What colours <b>the</b> ", "match": False},
                {"text": "sky", "match": True},
                {"text": "?", "match": False},
            ],
        }
    }


async def test_all_that_match_are_counted_whatever_the_page(service: Service) -> None:
    for text in ("sky", "sky", "sky", "grass"):
        await service.submit(text)
    await service.indexer.sync()
    for params, total in (({}, 4), ({"q": "sky"}, 3), ({"status": "failed"}, 0)):
        first = (
            await service.http.get("/v1/tasks", params={**params, "limit": 1, "total": True})
        ).json()
        assert first["total"] == total
        if first["next_cursor"]:
            asked = {**params, "cursor": first["next_cursor"], "total": True}
            assert (await service.http.get("/v1/tasks", params=asked)).json()["total"] == total


async def test_a_list_is_sorted_by_cost_or_duration_and_says_how_many_it_compared(
    service: Service,
) -> None:
    ids = [(await service.submit(text))["id"] for text in ("sky one", "sky two", "grass")]
    for task_id, cost, ended in zip(ids, (5, 7, 6), (30, 10, 20), strict=True):
        await service.redis.hset(
            keys.record(task_id), mapping={"cost": cost, "completed_at": 2**43 + ended * 60_000}
        )
    await service.indexer.sync()

    async def listed(**params: str | int) -> list[int]:
        page = (await service.http.get("/v1/tasks", params=params)).json()
        assert page["next_cursor"] is None
        assert page["compared"] == (2 if "q" in params else 3)
        return [ids.index(task["id"]) for task in page["data"]]

    assert await listed(sort="cost") == [1, 2, 0]
    assert await listed(sort="duration") == [0, 2, 1]
    assert await listed(sort="cost", limit=1) == [1]
    assert await listed(sort="duration", q="sky") == [0, 1]
    reply = await service.http.get("/v1/tasks", params={"sort": "cost", "cursor": "abc"})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] == "cursor"
