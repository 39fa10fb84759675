"""A person can cancel, abandon, adopt, retry or delete a task where its state allows it."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.states import Status
from shared.domain.task import Task
from shared.store import Store
from tests.services.api.conftest import Service, problem

ACTIONS = {"cancel": {}, "abandon": {}, "retry": {}, "adopt": {"response_id": "resp_7"}}
COMPLETED = TaskResult(Status.COMPLETED, response=b'{"output":[]}', cost=7)
INCOMPLETE = TaskResult(Status.INCOMPLETE, "max_output_tokens", "It stops early.", response=b"{}")
REFUSED = TaskResult(Status.FAILED, "too_long", "Too long.")

Make = Callable[[Task], Change]


def make(change: Callable[..., Change], *arguments: Any, **options: Any) -> Make:
    return lambda task: change(task, *arguments, **options)


def ended(ending: TaskResult) -> Make:
    return make(changes.finish, ending, polled=True)


CLAIM = make(changes.claim, "a claim", 50_000)
DOUBT = make(changes.mark_unconfirmed, "No answer.")
START = make(changes.mark_in_progress, "resp_1", "queued", 61_000, 25_000)
POLL = make(changes.poll_again, 61_000, "queued", None, 25_000)
ADOPT = make(changes.adopt, "resp_7", 0, 25_000)
RESTART = make(changes.restart_polling, 0, 25_000)
CANCEL = make(changes.cancel, 25_000)

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


async def call(
    client: httpx.AsyncClient, task_id: str, action: str, **headers: str
) -> httpx.Response:
    if action == "delete":
        return await client.delete(f"/v1/tasks/{task_id}")
    body = ACTIONS[action] or None
    return await client.post(f"/v1/tasks/{task_id}/{action}", json=body, headers=headers)


class Actions(Service):
    """The API, with tasks in any state and the actions on them."""

    async def bring(self, state: str) -> str:
        """Submit a task and bring it to a state; its id."""
        task_id: str = (await self.submit())["id"]
        for way in WAYS[state]:
            assert await self.store.apply(way(await self.task(task_id)))
        return task_id

    async def act(self, task_id: str, action: str, **headers: str) -> httpx.Response:
        return await call(self.http, task_id, action, **headers)


@pytest.fixture
def api(service: Service) -> Actions:
    return Actions(**vars(service))


@pytest.mark.parametrize("state", OPEN)
async def test_every_open_task_can_be_cancelled_at_once(state: str, api: Actions) -> None:
    """A response that runs is stopped and watched; where none is known, nothing is polled."""
    task_id = await api.bring(state)
    before = await api.task(task_id)
    reply = await api.act(task_id, "cancel")
    shown = reply.json()
    assert (reply.status_code, shown["status"], shown["error"]) == (200, "cancelled", None)
    assert shown["completed_at"] is not None
    assert (shown["adopting"], shown["paused"]) == (None, None)
    assert (await api.http.get(f"/v1/tasks/{task_id}")).json() == shown
    after = await api.task(task_id)
    assert after.needs_polling == (state == "in_progress")
    if state == "in_progress":
        assert after.cancel_pending == 1
        job = f"arq:job:poll:{task_id}:{before.generation + 1}:{before.polls + 1}"
        assert await api.redis.exists(job)


@pytest.mark.parametrize("state", CANCELLED)
async def test_a_second_cancel_changes_nothing(state: str, api: Actions) -> None:
    task_id = await api.bring(state)
    before = await api.task(task_id)
    reply = await api.act(task_id, "cancel")
    assert (reply.status_code, reply.json()["status"]) == (200, "cancelled")
    assert await api.task(task_id) == before


@pytest.mark.parametrize("state", UNCERTAIN)
async def test_an_uncertain_task_can_be_abandoned(state: str, api: Actions) -> None:
    task_id = await api.bring(state)
    first, second = [await api.act(task_id, "abandon") for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    task = first.json()
    assert (task["status"], task["error"]["code"]) == ("failed", "abandoned")
    assert task["adopting"] is None


@pytest.mark.parametrize("state", UNCERTAIN)
async def test_adopt_creates_a_job(state: str, api: Actions) -> None:
    task_id = await api.bring(state)
    reply = await api.act(task_id, "adopt")
    task = reply.json()
    assert (reply.status_code, task["status"], task["adopting"]) == (202, "unconfirmed", "resp_7")
    assert task["error"]["code"] == "unconfirmed"
    generation = (await api.task(task_id)).generation
    assert await api.redis.exists(f"arq:job:adopt:{task_id}:{generation}")


async def test_another_response_can_be_adopted_while_one_is_checked(api: Actions) -> None:
    task_id = await api.bring("adopting")
    before = await api.task(task_id)
    reply = await api.http.post(f"/v1/tasks/{task_id}/adopt", json={"response_id": "resp_8"})
    assert reply.json()["adopting"] == "resp_8"
    assert (await api.task(task_id)).generation == before.generation + 1


@pytest.mark.parametrize(
    "response_id", ["litellm_poll_1", "caresp_1", "resp-1", "resp_a.b=", "a:b@c?d#e%2f", "a" * 512]
)
async def test_an_id_of_any_provider_can_be_adopted(response_id: str, api: Actions) -> None:
    task_id = await api.bring("unconfirmed")
    reply = await api.http.post(f"/v1/tasks/{task_id}/adopt", json={"response_id": response_id})
    assert (reply.status_code, reply.json().get("adopting")) == (202, response_id)


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"response_id": "resp_1", "model": "gpt"}),
        *({"response_id": value} for value in ("", None, 7, "resp 1", "resp_1/../models", "..")),
        *({"response_id": value} for value in ("resp_1\n", "resp_\x7f", "a" * 513)),
    ],
    ids=str,
)
async def test_an_invalid_response_id_is_a_422(body: dict[str, Any], api: Actions) -> None:
    task_id = await api.bring("unconfirmed")
    before = await api.task(task_id)
    reply = await api.http.post(f"/v1/tasks/{task_id}/adopt", json=body)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] in ("response_id", "model")
    assert await api.task(task_id) == before


@pytest.mark.parametrize("state", UNCERTAIN)
async def test_the_retry_of_an_uncertain_task_supersedes_it(state: str, api: Actions) -> None:
    task_id = await api.bring(state)
    reply = await api.act(task_id, "retry")
    successor = reply.json()
    assert (reply.status_code, successor["status"]) == (202, "queued")
    assert reply.headers["location"] == f"/v1/tasks/{successor['id']}"
    assert (successor["retry_of"], successor["id"] == task_id) == (task_id, False)
    old = (await api.http.get(f"/v1/tasks/{task_id}")).json()
    assert (old["status"], old["error"]["code"]) == ("failed", "superseded")
    assert successor["id"] in old["error"]["message"]
    assert (successor["input"], successor["title"]) == (old["input"], old["title"])


async def test_an_uncertain_task_has_one_successor_however_often_retried(api: Actions) -> None:
    """At once or later, with a key of the client's or without."""
    task_id = await api.bring("unconfirmed")
    at_once = await asyncio.gather(*(api.act(task_id, "retry") for _ in range(10)))
    later = [await api.act(task_id, "retry", **{"Idempotency-Key": f"click {n}"}) for n in range(2)]
    replies = [*at_once, *later]
    assert {reply.status_code for reply in replies} == {202}
    assert len({reply.json()["id"] for reply in replies}) == 1
    assert len((await api.http.get("/v1/tasks")).json()["data"]) == 2


@pytest.mark.parametrize(("state", "status"), [("unconfirmed", 202), ("completed", 429)])
async def test_only_a_retry_that_supersedes_fits_the_limit(
    state: str, status: int, api: Actions
) -> None:
    """It takes the place of an open task; any other retry is one more."""
    task_id = await api.bring(state)
    async with api.client(max_open_tasks=1) as client:
        if state == "completed":
            assert (await client.post("/v1/tasks", json={"input": "And?"})).status_code == 202
        assert (await client.post(f"/v1/tasks/{task_id}/retry")).status_code == status
        refused = await client.post("/v1/tasks", json={"input": "And how?"})
        assert problem(refused) == (429, "too-many-open-tasks")


@pytest.mark.parametrize("state", ["completed", "incomplete", "failed", *CANCELLED, "abandoned"])
async def test_each_retry_of_an_ended_task_is_another_task(state: str, api: Actions) -> None:
    task_id = await api.bring(state)
    before = await api.task(task_id)
    once, again = [(await api.act(task_id, "retry")).json() for _ in range(2)]
    assert once["retry_of"] == again["retry_of"] == task_id
    assert once["id"] != again["id"]
    assert await api.task(task_id) == before


async def test_two_retries_with_one_key_are_one(api: Actions) -> None:
    task_id = await api.bring("completed")
    once, again = [await api.act(task_id, "retry", **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert once.json()["id"] == again.json()["id"]
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    ("action", "state"),
    [
        *(("cancel", state) for state in ("completed", "incomplete", "failed", "abandoned")),
        *(("abandon", state) for state in WAYS if state not in (*UNCERTAIN, "abandoned")),
        *(("adopt", state) for state in WAYS if state not in UNCERTAIN),
        *(("retry", state) for state in ("queued", "submitting", "in_progress")),
        *(("delete", state) for state in OPEN),
    ],
)
async def test_an_action_that_the_state_does_not_allow_is_a_409(
    action: str, state: str, api: Actions
) -> None:
    """It changes nothing; before a deletion, the detail says how to end the task."""
    task_id = await api.bring(state)
    before, size = await api.task(task_id), await api.size()
    reply = await api.act(task_id, action)
    assert problem(reply) == (409, "invalid-state")
    assert before.status in reply.json()["detail"]
    if action == "delete":
        remedy = "Abandon it first" if state in UNCERTAIN else "Cancel it first"
        assert remedy in reply.json()["detail"]
    assert (await api.task(task_id), await api.size()) == (before, size)


class OvertakenStore(Store):
    """Another change of the task is written just before the next one."""

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
        ("in_progress", [POLL, POLL], "cancel", 200, "cancelled"),
        ("unconfirmed", [START], "abandon", 409, "in_progress"),
        ("unconfirmed", [changes.abandon], "abandon", 200, "failed"),
        ("unconfirmed", [START], "adopt", 409, "in_progress"),
        ("unconfirmed", [ADOPT], "adopt", 202, "unconfirmed"),
        ("unconfirmed", [changes.abandon], "adopt", 409, "failed"),
        ("unconfirmed", [START], "retry", 202, "in_progress"),
        ("cancelled while it ran", [RESTART], "delete", 202, "cancelled"),
    ],
)
async def test_an_overtaken_action_decides_again(
    state: str, meanwhile: list[Make], action: str, code: int, status: str, api: Actions
) -> None:
    """A retry has its second task all the same; the first goes on."""
    task_id = await api.bring(state)
    store = OvertakenStore(api.redis, [*meanwhile])
    api.store = store
    async with api.client() as client:
        reply = await call(client, task_id, action)
    assert reply.status_code == code
    task = await api.task(task_id)
    assert task.status == status
    if action == "retry":
        assert reply.json()["retry_of"] == task_id
    elif code < 300:
        assert (reply.json()["status"], reply.json()["version"]) == (status, task.version)
    if meanwhile == [POLL, POLL]:  # the response is stopped at once, not at the next poll
        job = f"arq:job:poll:{task_id}:{task.generation}:{task.polls + 1}"
        assert await api.redis.exists(job)
    if action == "delete":
        assert task.deletion_requested_at is not None
        assert task.watch_until is None


@pytest.mark.parametrize(
    ("state", "named", "checked"),
    [
        ("queued", None, None),
        ("unconfirmed", "-1", None),
        ("adopting", "-1", "resp_7"),
        ("in_progress", "-1", None),
    ],
)
async def test_a_task_names_its_request_and_the_response_being_checked(
    state: str, named: str | None, checked: str | None, api: Actions
) -> None:
    task_id = await api.bring(state)
    task = (await api.http.get(f"/v1/tasks/{task_id}")).json()
    assert task["client_request_id"] == (named and task_id + named)
    assert task["adopting"] == checked
