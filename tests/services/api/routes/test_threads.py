"""A task's thread over HTTP: the summaries of the whole tree, oldest first."""

from tests.services.api.conftest import Service


async def test_the_thread_of_any_of_its_tasks_is_the_same(service: Service) -> None:
    first = await service.submit("Why?")
    followed = await service.submit("And how?", parent_id=first["id"])
    await service.submit("Something else")
    await service.completed(followed["id"], b'{"output":[]}')
    again = (await service.http.post(f"/v1/tasks/{followed['id']}/retry")).json()
    ids = [first["id"], followed["id"], again["id"]]
    for task_id in ids:
        reply = await service.http.get(f"/v1/tasks/{task_id}/thread")
        thread = reply.json()
        assert (reply.status_code, thread["root"], thread["truncated"]) == (200, ids[0], False)
        assert [task["id"] for task in thread["data"]] == ids
    listed = (await service.http.get("/v1/tasks")).json()["data"]
    counted = [(task.pop("messages"), task) for task in thread["data"]]
    assert counted == [(1, task) for task in reversed(listed) if task["id"] in ids]
