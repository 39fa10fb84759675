"""A provider that answers as the test wrote, and the replies that it may give."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from services.poller.decisions.poll_policy import PollPolicy
from services.poller.results import CallResult, Reply
from shared.domain.changes import Change
from shared.domain.task import Task
from shared.store import Store
from tests.shared import tasks

POLICY = PollPolicy(interval_ms=61_000, deadline_ms=3 * 3_600_000)


def reply(status: int, body: Any = None, **headers: str) -> Reply:
    """``body`` as JSON; underscores in header names stand for hyphens."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, body if isinstance(body, bytes) else orjson.dumps(body), names)


def refused(status: int, code: str | None = "a_code", **headers: str) -> Reply:
    envelope = {"message": "A message.", "type": "a_type", "param": None, "code": code}
    return reply(status, {"error": envelope}, **headers)


def response(status: str, **fields: Any) -> Reply:
    """The provider's object, of the id that every task in progress has here."""
    return reply(200, {"id": "resp_1", "status": status, "model": "gpt-5-pro-2025-10-06", **fields})


class Meanwhile:
    """Changes that happen to a task while a call is under way; ``task`` is what they lead to."""

    def __init__(self, store: Store, task: Task, *happened: Callable[[Task], Change]) -> None:
        self.store = store
        self.task = task
        self.starts = 0
        self._happened = happened

    async def __call__(self) -> None:
        self.task = (await self.store.load(self.task.id)).task
        self.starts = await self.store.job_starts(self.task.id)
        for make in self._happened:
            self.task = await tasks.changed(self.store, make(self.task))


class ScriptedProvider:
    """Gives one outcome a call, in order; ``meanwhile`` happens while the first call is under way.

    ``calls`` keeps each call's name and its last arguments.
    """

    def __init__(
        self,
        *results: CallResult,
        meanwhile: Callable[[], Awaitable[Any]] | None = None,
        account_id: str = "0001",
    ) -> None:
        self.account_id = account_id
        self.calls: list[tuple[Any, ...]] = []
        self._results = list(results)
        self._meanwhile = meanwhile

    async def create(self, conversation: Any, task_id: str, client_request_id: str) -> CallResult:
        return await self._answer("create", conversation, task_id, client_request_id)

    async def retrieve(self, response_id: str) -> CallResult:
        return await self._answer("retrieve", response_id)

    async def cancel(self, response_id: str) -> CallResult:
        return await self._answer("cancel", response_id)

    async def delete(self, response_id: str) -> CallResult:
        return await self._answer("delete", response_id)

    async def retrieve_model(self) -> CallResult:
        return await self._answer("model")

    async def _answer(self, *call: Any) -> CallResult:
        self.calls.append(call)
        if self._meanwhile:
            meanwhile, self._meanwhile = self._meanwhile, None
            await meanwhile()
        return self._results.pop(0)
