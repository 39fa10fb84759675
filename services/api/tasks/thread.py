"""Finds the thread of a task: the tasks connected by follow-ups and retries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from shared.domain.task import Task
from shared.store import Reader

LIMIT = 1_000
"""Most tasks of a thread; if there are more, those nearest to the requested task."""

_BATCH = 50
"""Tasks whose children are loaded at a time; each may have LIMIT of them."""


@dataclass(frozen=True, slots=True)
class Thread:
    """The tasks of a thread, oldest first; ``truncated`` if there are more."""

    root: str
    tasks: Sequence[Task]
    truncated: bool


async def thread(
    task: Task, reader: Reader, can_view: Callable[[Task], bool], limit: int = LIMIT
) -> Thread:
    """The tasks of the thread that the caller may see.

    Deleted tasks connect nothing: what only they connected is another thread.
    """
    walk = _Traversal(task, reader, can_view, limit)
    root = await walk.find_root()
    await walk.collect_descendants()
    return Thread(root.id, sorted(walk.found.values(), key=lambda one: one.seq), walk.truncated)


class _Traversal:
    def __init__(
        self, task: Task, reader: Reader, can_view: Callable[[Task], bool], limit: int
    ) -> None:
        self.found = {task.id: task}
        self.truncated = False
        self._reader = reader
        self._can_view = can_view
        self._limit = limit

    async def find_root(self) -> Task:
        """Follow retries and follow-ups upwards; returns the first task."""
        (task,) = self.found.values()
        while above := await self._take(origins(task)[:1]) or await self._take(origins(task)[1:]):
            (task,) = above
        return task

    async def collect_descendants(self) -> None:
        """Find all follow-ups and retries of the tasks found, the nearest first."""
        edge = list(self.found)
        while edge:
            nearest = iter(edge)
            edge = []
            while batch := list(islice(nearest, _BATCH)):
                lists = await self._reader.children(batch, self._limit + 1)
                edge += [task.id for task in await self._take(list(chain(*lists)))]

    async def _take(self, ids: Sequence[str]) -> Sequence[Task]:
        """Load those that are new, exist and may be seen, up to the limit."""
        new = [task_id for task_id in dict.fromkeys(ids) if task_id not in self.found]
        room = self._limit - len(self.found)
        # One more than there is room for shows whether the thread is truncated.
        loaded = await self._reader.tasks(new[: room + 1])
        seen = [task for task in loaded if task is not None and self._can_view(task)]
        self.truncated |= len(new) > room + 1 or len(seen) > room
        self.found |= {task.id: task for task in seen[:room]}
        return seen[:room]


def origins(task: Task) -> list[str]:
    """The task it retries, then its parent: a retry has the parent of the first attempt."""
    return [task_id for task_id in (task.retry_of, task.parent_id) if task_id is not None]
