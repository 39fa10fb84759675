"""A thread is the whole tree around a task, whichever of its tasks is asked for."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.tasks.thread import Thread, thread
from shared.domain.task import Task
from shared.store import Store, TaskInsert

Add = Callable[..., Awaitable[Task]]


def everything(_: Task) -> bool:
    return True


@pytest.fixture
def store(service: Any) -> Store:
    kept: Store = service.store
    return kept


@pytest.fixture
def add(store: Store) -> Add:
    """Add a task named by a number."""

    async def add(number: int, parent: int | None = None, retry: int | None = None) -> Task:
        return await added(store, number, parent, retry)

    return add


async def added(store: Store, number: int, parent: int | None, retry: int | None) -> Task:
    acceptance = TaskInsert(
        named(number),
        "simulator",
        "A title",
        b"[]",
        limit=10_000,
        parent_id=None if parent is None else named(parent),
        retry_of=None if retry is None else named(retry),
    )
    return (await store.insert(acceptance)).task


def named(number: int) -> str:
    return f"task_{number:032x}"


def numbers(found: Thread) -> list[int]:
    return [int(task.id.removeprefix("task_"), 16) for task in found.tasks]


async def test_a_task_alone_is_its_own_thread(store: Store, add: Add) -> None:
    found = await thread(await add(7), store, everything)
    assert (found.root, numbers(found), found.truncated) == (named(7), [7], False)


async def test_any_task_of_a_tree_leads_to_all_of_it_oldest_first(store: Store, add: Add) -> None:
    tasks = [
        await add(9),
        await add(4, parent=9),
        await add(8, parent=9),
        await add(2, parent=4),
        await add(1, parent=9, retry=4),
        await add(5, parent=1),
    ]
    await add(6)
    for task in tasks:
        found = await thread(task, store, everything)
        assert (found.root, numbers(found)) == (named(9), [9, 4, 8, 2, 1, 5])
        assert not found.truncated


async def test_a_retry_of_a_deleted_task_has_its_parent(
    store: Store, add: Add, service: Any
) -> None:
    await add(1)
    await add(2, parent=1)
    again = await add(3, parent=1, retry=2)
    await service.redis.delete(f"backburner:task:{named(2)}")
    found = await thread(again, store, everything)
    assert (found.root, numbers(found)) == (named(1), [1, 3])


async def test_a_task_without_its_parent_is_the_root(store: Store, add: Add, service: Any) -> None:
    await add(1)
    middle = await add(2, parent=1)
    await add(3, parent=2)
    await service.redis.delete(f"backburner:task:{named(1)}")
    found = await thread(middle, store, everything)
    assert (found.root, numbers(found)) == (named(2), [2, 3])


async def test_tasks_of_others_are_left_out(store: Store, add: Add) -> None:
    await add(1)
    asked = await add(2, parent=1)
    await add(3, parent=2)
    await add(4, parent=3)
    await add(5, parent=2)
    found = await thread(asked, store, lambda task: task.id not in (named(1), named(3)))
    assert (found.root, numbers(found), found.truncated) == (named(2), [2, 5], False)


async def test_a_cycle_is_walked_once(store: Store, add: Add, service: Any) -> None:
    await add(1)
    await add(2, parent=1)
    await service.redis.hset(f"backburner:task:{named(1)}", "parent_id", named(2))
    task = (await store.load(named(1))).task
    assert numbers(await thread(task, store, everything)) == [1, 2]


@pytest.mark.parametrize(("limit", "shown"), [(3, [3, 4, 5]), (4, [2, 3, 4, 5])])
async def test_the_nearest_are_shown(limit: int, shown: list[int], store: Store, add: Add) -> None:
    for number in range(1, 6):
        asked = await add(number, parent=number - 1 or None)
    found = await thread(asked, store, everything, limit)
    assert (numbers(found), found.root, found.truncated) == (shown, named(shown[0]), True)


async def test_a_thread_of_exactly_the_limit_is_whole(store: Store, add: Add) -> None:
    asked = await add(1)
    for number in range(2, 6):
        await add(number, parent=1)
    assert not (await thread(asked, store, everything, 5)).truncated
    found = await thread(asked, store, everything, 4)
    assert (numbers(found), found.truncated) == ([1, 2, 3, 4], True)


async def test_a_crowd_of_children_is_asked_for_piece_by_piece(store: Store, add: Add) -> None:
    asked = await add(1)
    for number in range(2, 121):
        await add(number, parent=1)
        await add(number + 1000, parent=number)
    found = await thread(asked, store, everything)
    assert (len(found.tasks), found.truncated) == (239, False)


@settings(deadline=None, max_examples=40)
@given(st.data())
async def test_whatever_the_tree_all_of_it_is_found_from_anywhere(data: st.DataObject) -> None:
    """Each task continues an earlier one, or repeats one and continues what that continued."""
    redis = FakeAsyncRedis(server=FakeServer())
    store = Store(redis, "simulator", confirm=False)
    parents: dict[int, int | None] = {0: None}
    await added(store, 0, None, None)
    for number in range(1, data.draw(st.integers(1, 12))):
        other = data.draw(st.integers(0, number - 1))
        repeats = data.draw(st.booleans()) and other != 0
        parents[number] = parents[other] if repeats else other
        await added(store, number, parents[number], other if repeats else None)
    asked = (await store.load(named(data.draw(st.sampled_from([*parents]))))).task
    found = await thread(asked, store, everything)
    assert (found.root, numbers(found), found.truncated) == (named(0), [*parents], False)
    await redis.aclose()
