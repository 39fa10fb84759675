"""A person may stop any open task, and lead an uncertain one out; what has ended stays as it is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.states import Status
from shared.domain.task import Task
from shared.store import Store
from tests.services.api.conftest import Service

ACTIONS = {"cancel": {}, "abandon": {}, "retry": {}, "adopt": {"response_id": "resp_7"}}
COMPLETED = TaskResult(Status.COMPLETED, response=b'{"output":[]}', cost=7)
INCOMPLETE = TaskResult(Status.INCOMPLETE, "max_output_tokens", "It stops early.", response=b"{}")
REFUSED = TaskResult(Status.FAILED, "too_long", "Too long.")

Make = Callable[[Task], Change]

CLAIM: Make = lambda task: changes.claim(task, "a claim", 50_000)  # noqa: E731 -- a table's cells
DOUBT: Make = lambda task: changes.mark_unconfirmed(task, "No answer.")  # noqa: E731 -- one line of examples each
START: Make = lambda task: changes.mark_in_progress(task, "resp_1", "queued", 61_000, 25_000)  # noqa: E731 -- one line of examples each
ADOPT: Make = lambda task: changes.adopt(task, "resp_7", 0, 25_000)  # noqa: E731 -- one line of examples each
CANCEL: Make = lambda task: changes.cancel(task, 25_000)  # noqa: E731 -- one line of examples each


def ended(ending: TaskResult) -> Make:
    return lambda task: changes.finish(task, ending, polled=True)


WAYS: dict[str, list[Make]] = {
    "queued": [],
    "submitting": [CLAIM],
    "unconfirmed": [CLAIM, DOUBT],
    "adopting": [CLAIM, DOUBT, ADOPT],
    "in_progress": [CLAIM, START],
    "completed": [CLAIM, START, ended(COMPLETED)],
    "incomplete": [CLAIM, START, ended(INCOMPLETE)],
    "failed": [CLAIM, ended(REFUSED)],
    "cancelled": [CANCEL],
    "cancelled while it ran": [CLAIM, START, CANCEL],
    "abandoned": [CLAIM, DOUBT, changes.abandon],
}
OPEN = ("queued", "submitting", "unconfirmed", "adopting", "in_progress")
UNCERTAIN = ("unconfirmed", "adopting")
CANCELLED = ("cancelled", "cancelled while it ran")


@pytest.fixture
def brought(service: Service) -> Callable[[str], Awaitable[str]]:
    """A task that came to a state; its id."""

    async def bring(state: str) -> str:
        task_id: str = (await service.submit())["id"]
        for make in WAYS[state]:
            task = (await service.store.load(task_id)).task
            assert await service.store.apply(make(task))
        return task_id

    return bring


@pytest.fixture
def act(client: httpx.AsyncClient) -> Callable[..., Awaitable[httpx.Response]]:
    async def act(task_id: str, action: str, **headers: str) -> httpx.Response:
        body = ACTIONS[action] or None
        return await client.post(f"/v1/tasks/{task_id}/{action}", json=body, headers=headers)

    return act


async def record(service: Any, task_id: str) -> Task:
    task: Task = (await service.store.load(task_id)).task
    return task


def problem(reply: httpx.Response) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/problem+json"
    return reply.status_code, reply.json()["type"].rpartition(":")[2]


@pytest.mark.parametrize("state", OPEN)
async def test_cancel_ends_an_open_task(
    state: str, brought: Any, act: Any, service: Service
) -> None:
    task_id = await brought(state)
    reply = await act(task_id, "cancel")
    task = reply.json()
    assert (reply.status_code, task["status"], task["error"]) == (200, "cancelled", None)
    assert task["completed_at"] is not None
    assert (task["adopting"], task["paused"]) == (None, None)
    assert (await service.http.get(f"/v1/tasks/{task_id}")).json() == task


async def test_cancel_stops_and_watches_a_response(brought: Any, act: Any, service: Any) -> None:
    task_id = await brought("in_progress")
    before = await record(service, task_id)
    await act(task_id, "cancel")
    after = await record(service, task_id)
    assert (after.cancel_pending, after.needs_polling) == (1, True)
    job = f"arq:job:poll:{task_id}:{before.generation + 1}:{before.polls + 1}"
    assert await service.redis.exists(job)


@pytest.mark.parametrize("state", ["queued", "submitting", "unconfirmed"])
async def test_no_response_means_no_polls(state: str, brought: Any, act: Any, service: Any) -> None:
    task_id = await brought(state)
    await act(task_id, "cancel")
    assert not (await record(service, task_id)).needs_polling


@pytest.mark.parametrize("state", CANCELLED)
async def test_a_second_cancel_is_a_200(state: str, brought: Any, act: Any, service: Any) -> None:
    task_id = await brought(state)
    before = await record(service, task_id)
    reply = await act(task_id, "cancel")
    assert (reply.status_code, reply.json()["status"]) == (200, "cancelled")
    assert await record(service, task_id) == before


@pytest.mark.parametrize("state", UNCERTAIN)
async def test_an_uncertain_task_can_be_given_up(state: str, brought: Any, act: Any) -> None:
    task_id = await brought(state)
    first, second = [await act(task_id, "abandon") for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    task = first.json()
    assert (task["status"], task["error"]["code"]) == ("failed", "abandoned")
    assert task["adopting"] is None


@pytest.mark.parametrize("state", UNCERTAIN)
async def test_adopt_creates_a_job(state: str, brought: Any, act: Any, service: Any) -> None:
    task_id = await brought(state)
    reply = await act(task_id, "adopt")
    task = reply.json()
    assert (reply.status_code, task["status"], task["adopting"]) == (202, "unconfirmed", "resp_7")
    assert task["error"]["code"] == "unconfirmed"
    generation = (await record(service, task_id)).generation
    assert await service.redis.exists(f"arq:job:adopt:{task_id}:{generation}")


async def test_another_response_can_be_adopted_meanwhile(brought: Any, service: Service) -> None:
    task_id = await brought("adopting")
    before = await record(service, task_id)
    reply = await service.http.post(f"/v1/tasks/{task_id}/adopt", json={"response_id": "resp_8"})
    assert reply.json()["adopting"] == "resp_8"
    assert (await record(service, task_id)).generation == before.generation + 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"response_id": ""},
        {"response_id": None},
        {"response_id": "task_1"},
        {"response_id": "resp_"},
        {"response_id": "resp_1/../models"},
        {"response_id": "resp_1\n"},
        {"response_id": "resp_é"},
        {"response_id": "resp_" + "a" * 201},
        {"response_id": "resp_1", "model": "gpt"},
    ],
    ids=str,
)
async def test_what_is_no_response_id_is_refused(body: Any, brought: Any, service: Service) -> None:
    task_id = await brought("unconfirmed")
    before = await record(service, task_id)
    reply = await service.http.post(f"/v1/tasks/{task_id}/adopt", json=body)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] in ("response_id", "model")
    assert await record(service, task_id) == before


@pytest.mark.parametrize("state", UNCERTAIN)
async def test_retry_has_a_successor(state: str, brought: Any, act: Any, service: Service) -> None:
    task_id = await brought(state)
    reply = await act(task_id, "retry")
    successor = reply.json()
    assert (reply.status_code, successor["status"]) == (202, "queued")
    assert reply.headers["location"] == f"/v1/tasks/{successor['id']}"
    assert (successor["retry_of"], successor["id"] == task_id) == (task_id, False)
    old = (await service.http.get(f"/v1/tasks/{task_id}")).json()
    assert (old["status"], old["error"]["code"]) == ("failed", "superseded")
    assert successor["id"] in old["error"]["message"]
    assert (successor["input"], successor["title"]) == (old["input"], old["title"])


async def test_an_uncertain_task_has_one_successor(
    brought: Any, act: Any, service: Service
) -> None:
    """At once or later, with a key of the client's or without."""
    task_id = await brought("unconfirmed")
    at_once = await asyncio.gather(*(act(task_id, "retry") for _ in range(10)))
    later = [await act(task_id, "retry", **{"Idempotency-Key": f"click {n}"}) for n in range(2)]
    replies = [*at_once, *later]
    assert {reply.status_code for reply in replies} == {202}
    assert len({reply.json()["id"] for reply in replies}) == 1
    assert len((await service.http.get("/v1/tasks")).json()["data"]) == 2


async def test_a_successor_is_not_one_open_task_too_many(service: Any) -> None:
    async with service.client(max_open_tasks=1) as client:
        task_id = (await client.post("/v1/tasks", json={"input": "Why?"})).json()["id"]
        for make in WAYS["unconfirmed"]:
            await service.store.apply(make(await record(service, task_id)))
        assert (await client.post(f"/v1/tasks/{task_id}/retry")).status_code == 202
        refused = await client.post("/v1/tasks", json={"input": "And how?"})
        assert problem(refused) == (429, "too-many-open-tasks")


@pytest.mark.parametrize("state", ["completed", "incomplete", "failed", *CANCELLED, "abandoned"])
async def test_retry_leaves_an_ended_task(state: str, brought: Any, act: Any, service: Any) -> None:
    task_id = await brought(state)
    before = await record(service, task_id)
    once, again = [(await act(task_id, "retry")).json() for _ in range(2)]
    assert once["retry_of"] == again["retry_of"] == task_id
    assert once["id"] != again["id"]
    assert await record(service, task_id) == before


async def test_a_key_makes_two_retries_one(brought: Any, act: Any) -> None:
    task_id = await brought("completed")
    once, again = [await act(task_id, "retry", **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert once.json()["id"] == again.json()["id"]
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_retry_counts_against_the_limits(service: Any) -> None:
    async with service.client(max_open_tasks=1) as client:
        ids = []
        for _ in range(2):
            ids.append((await client.post("/v1/tasks", json={"input": "Why?"})).json()["id"])
            if len(ids) == 1:
                await service.completed(ids[0], b"{}")
        refused = await client.post(f"/v1/tasks/{ids[0]}/retry")
        assert problem(refused) == (429, "too-many-open-tasks")


@pytest.mark.parametrize(
    ("action", "state"),
    [
        *(("cancel", state) for state in ("completed", "incomplete", "failed", "abandoned")),
        *(("abandon", state) for state in WAYS if state not in (*UNCERTAIN, "abandoned")),
        *(("adopt", state) for state in WAYS if state not in UNCERTAIN),
        *(("retry", state) for state in ("queued", "submitting", "in_progress")),
    ],
)
async def test_what_the_state_does_not_allow_is_refused_in_words_and_changes_nothing(
    action: str, state: str, brought: Any, act: Any, service: Any
) -> None:
    task_id = await brought(state)
    before, size = await record(service, task_id), await service.size()
    reply = await act(task_id, action)
    assert problem(reply) == (409, "invalid-state")
    assert before.status in reply.json()["detail"]
    assert (await record(service, task_id), await service.size()) == (before, size)


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_task_that_is_not_there_is_not_found(action: str, act: Any) -> None:
    assert problem(await act("task_" + "0" * 32, action)) == (404, "task-not-found")
    assert problem(await act("nonsense", action)) == (404, "task-not-found")


class OvertakenStore(Store):
    """Something else happens to the task just before the next change of it is written."""

    def __init__(self, redis: Any, meanwhile: list[Make]) -> None:
        super().__init__(redis, "simulator", confirm=False)
        self._meanwhile = meanwhile

    async def apply(
        self, change: Change, *, token: str | None = None, durable: bool = False
    ) -> Task | None:
        while self._meanwhile:
            task = (await self.load(change.task.id)).task
            assert await super().apply(self._meanwhile.pop(0)(task))
        return await super().apply(change, token=token, durable=durable)


@pytest.mark.parametrize(
    ("state", "meanwhile", "action", "code", "status"),
    [
        ("queued", [CLAIM], "cancel", 200, "cancelled"),
        ("submitting", [START], "cancel", 200, "cancelled"),
        ("submitting", [DOUBT], "cancel", 200, "cancelled"),
        ("in_progress", [ended(COMPLETED)], "cancel", 409, "completed"),
        ("in_progress", [CANCEL], "cancel", 200, "cancelled"),
        ("unconfirmed", [START], "abandon", 409, "in_progress"),
        ("unconfirmed", [changes.abandon], "abandon", 200, "failed"),
        ("unconfirmed", [START], "adopt", 409, "in_progress"),
        ("unconfirmed", [ADOPT], "adopt", 202, "unconfirmed"),
        ("unconfirmed", [changes.abandon], "adopt", 409, "failed"),
    ],
)
async def test_who_is_overtaken_decides_anew(
    state: str,
    meanwhile: list[Make],
    action: str,
    code: int,
    status: str,
    brought: Any,
    service: Any,
) -> None:
    task_id = await brought(state)
    service.store = OvertakenStore(service.redis, [*meanwhile])
    async with service.client() as client:
        reply = await client.post(f"/v1/tasks/{task_id}/{action}", json=ACTIONS[action] or None)
    assert reply.status_code == code
    task = await record(service, task_id)
    assert task.status == status
    if code < 300:
        assert (reply.json()["status"], reply.json()["version"]) == (status, task.version)


async def test_an_overtaken_cancel_stops_the_response_at_once(brought: Any, service: Any) -> None:
    task_id = await brought("in_progress")
    poll: Make = lambda task: changes.poll_again(task, 61_000, "queued", None, 25_000)  # noqa: E731 -- one line of examples each
    service.store = OvertakenStore(service.redis, [poll, poll])
    async with service.client() as client:
        assert (await client.post(f"/v1/tasks/{task_id}/cancel")).status_code == 200
    task = await record(service, task_id)
    assert await service.redis.exists(f"arq:job:poll:{task_id}:{task.generation}:{task.polls + 1}")


async def test_a_task_found_during_its_retry_goes_on(brought: Any, service: Any) -> None:
    """The person has decided for a second one; the first is not thrown away."""
    task_id = await brought("unconfirmed")
    service.store = OvertakenStore(service.redis, [START])
    async with service.client() as client:
        reply = await client.post(f"/v1/tasks/{task_id}/retry")
    assert (reply.status_code, reply.json()["retry_of"]) == (202, task_id)
    assert (await record(service, task_id)).status is Status.IN_PROGRESS


async def test_a_task_names_its_request_and_its_adoption(brought: Any, service: Service) -> None:
    for state, named, checked in (
        ("queued", False, None),
        ("unconfirmed", True, None),
        ("adopting", True, "resp_7"),
        ("in_progress", True, None),
    ):
        task_id = await brought(state)
        task = (await service.http.get(f"/v1/tasks/{task_id}")).json()
        assert task["client_request_id"] == (f"{task_id}-1" if named else None)
        assert task["adopting"] == checked
