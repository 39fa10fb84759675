"""Opens the gate, and sends on its way at once whatever waited before it."""

from shared.domain import changes
from shared.domain.states import Status
from shared.store import Store, SubmissionGate

AT_ONCE = 100
"""Tasks that are read together."""


async def resume_submissions(gate: SubmissionGate, store: Store) -> None:
    """Let submissions go on. Where the gate was open already this is one cheap command."""
    if not await gate.open():
        return
    cursor = None
    while True:
        page = await store.page(status=Status.QUEUED, cursor=cursor, limit=AT_ONCE)
        for task in page.tasks:
            if task.paused:
                await store.apply(changes.requeue(task, 0))
        cursor = page.cursor
        if cursor is None:
            return
