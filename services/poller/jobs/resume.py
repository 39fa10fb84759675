"""Resumes paused submissions, and schedules the paused tasks at once."""

from shared.domain import changes
from shared.domain.states import Status
from shared.store import Store, SubmissionGate

PAGE_SIZE = 100


async def resume_submissions(gate: SubmissionGate, store: Store) -> None:
    """Resume. If submissions are not paused, this is one cheap command."""
    if not await gate.open():
        return
    cursor = None
    while True:
        page = await store.page(status=Status.QUEUED, cursor=cursor, limit=PAGE_SIZE)
        for task in page.tasks:
            if task.paused:
                await store.apply(changes.requeue(task, 0))
        cursor = page.cursor
        if cursor is None:
            return
