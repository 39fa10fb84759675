"""The thread of a task: every task that is tied to it by continuing or repeating another one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from shared.domain.task import Task
from shared.store import Reader

LIMIT = 1_000
"""Tasks of a thread that are shown; beyond, those nearest to the task that was asked for."""

_BATCH = 50
"""Tasks whose children are asked for at a time: each may have LIMIT of them."""


@dataclass(frozen=True, slots=True)
class Thread:
    """The tasks of a thread, oldest first; ``truncated`` when there are more."""

    root: str
    tasks: Sequence[Task]
    truncated: bool


async def thread(
    task: Task, reader: Reader, can_view: Callable[[Task], bool], limit: int = LIMIT
) -> Thread:
    """The thread as far as the caller may see it.

    The ways through a deleted task are closed: what was tied by it alone is a thread of its own.
    """
    walk = _Walk(task, reader, can_view, limit)
    root = await walk.climb()
    await walk.spread()
    return Thread(root.id, sorted(walk.found.values(), key=lambda one: one.seq), walk.truncated)


class _Walk:
    def __init__(
        self, task: Task, reader: Reader, can_view: Callable[[Task], bool], limit: int
    ) -> None:
        self.found = {task.id: task}
        self.truncated = False
        self._reader = reader
        self._may_see = can_view
        self._limit = limit

    async def climb(self) -> Task:
        """Find what the task continues and repeats, up to the first; that one is returned."""
        (task,) = self.found.values()
        while above := await self._take(ties(task)[:1]) or await self._take(ties(task)[1:]):
            (task,) = above
        return task

    async def spread(self) -> None:
        """Find all that continues or repeats what was found, the nearest first."""
        edge = list(self.found)
        while edge:
            nearest = iter(edge)
            edge = []
            while batch := list(islice(nearest, _BATCH)):
                lists = await self._reader.children(batch, self._limit + 1)
                edge += [task.id for task in await self._take(list(chain(*lists)))]

    async def _take(self, ids: Sequence[str]) -> Sequence[Task]:
        """Those that are new, exist and may be seen, as far as there is room."""
        new = [task_id for task_id in dict.fromkeys(ids) if task_id not in self.found]
        room = self._limit - len(self.found)
        # One more than there is room for tells whether any is left out.
        loaded = await self._reader.tasks(new[: room + 1])
        seen = [task for task in loaded if task is not None and self._may_see(task)]
        self.truncated |= len(new) > room + 1 or len(seen) > room
        self.found |= {task.id: task for task in seen[:room]}
        return seen[:room]


def ties(task: Task) -> list[str]:
    """What it repeats, then what it continues: a repetition has the parent of the first try."""
    return [tie for tie in (task.retry_of, task.parent_id) if tie is not None]
