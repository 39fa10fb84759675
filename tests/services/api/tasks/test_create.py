"""A task is shown as it was at one moment, whatever happens to it while it is read."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from shared.domain import changes
from shared.domain.changes import TaskResult
from shared.domain.states import Status
from tests.services.api.conftest import ANSWER, Service

LATE = TaskResult(Status.COMPLETED, provider_status="completed", response=ANSWER, cost=1_428_900)


@pytest.fixture
async def watched(service: Service) -> str:
    """The id of a task that was cancelled, and whose answer may still come."""
    task_id: str = (await service.submit())["id"]
    await service.submitted(task_id)
    await service.http.post(f"/v1/tasks/{task_id}/cancel")
    return task_id


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has something done once so many exchanges with the store have been made."""

    def interrupt(exchanges: int, what: Callable[[], Awaitable[Any]]) -> None:
        left = [what, *[None] * exchanges]

        def interrupted(exchange: Any) -> Any:
            async def interrupted(*arguments: Any, **options: Any) -> Any:
                if left and (due := left.pop()):
                    await due()
                return await exchange(*arguments, **options)

            return interrupted

        for kind, name in ((Redis, "execute_command"), (Pipeline, "execute")):
            monkeypatch.setattr(kind, name, interrupted(getattr(kind, name)))

    return interrupt


@pytest.mark.parametrize("exchanges", range(4))
@pytest.mark.parametrize("address", ["", "/export", "/thread/export"])
async def test_a_late_answer_is_never_seen_without_its_cost(
    address: str, exchanges: int, watched: str, interrupt: Any, service: Service
) -> None:
    async def answer() -> None:
        task = await service.task(watched)
        assert await service.store.apply(changes.attach_answer(task, LATE))

    interrupt(exchanges, answer)
    reply = await service.http.get(f"/v1/tasks/{watched}{address}")
    assert ("Because." in reply.text) == ('"cost_usd":1.4289' in reply.text)
    etag = reply.headers.get("etag", "none")
    assert address or etag == f'W/"{reply.json()["version"]}"'
