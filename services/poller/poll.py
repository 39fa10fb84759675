"""Polls one task once, and writes down the end or the next poll."""

from dataclasses import dataclass

import structlog

from services.poller.decide_poll import (
    CancelThere,
    Finish,
    PollAgain,
    Timing,
    decide_cancel,
    decide_poll,
)
from services.poller.outcomes import Outcome, Reply
from services.poller.provider import Provider
from services.poller.refusals import pause_for
from services.poller.submit import PROBE_EVERY
from shared import changes
from shared.changes import Ending
from shared.states import Status
from shared.store import Gate, Store
from shared.task import Task

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class Polling:
    """What polling needs."""

    store: Store
    gate: Gate
    provider: Provider
    timing: Timing

    async def poll(self, task_id: str, generation: int, number: int) -> None:
        """Run the job: one that is not the next of the task's living chain does nothing."""
        loaded = await self.store.load(task_id)
        task = loaded.task
        current = (task.generation, task.polls + 1) == (generation, number)
        if task.status is not Status.IN_PROGRESS or task.response_id is None or not current:
            return
        outcome = await self.provider.retrieve(task.response_id)
        await self._note_refused_key(outcome)
        match decide_poll(outcome, task, loaded.now, self.timing):
            case PollAgain(after, provider_status, missing_since):
                change = changes.poll_again(
                    task, after, provider_status, missing_since, self.timing.late
                )
                await self.store.apply(change)
            case Finish(ending):
                await self._finish(task, ending)
            case CancelThere():
                cancelled = await self.provider.cancel(task.response_id)
                await self._finish(task, decide_cancel(cancelled, task, self.timing).ending)

    async def _finish(self, task: Task, ending: Ending) -> None:
        if await self.store.apply(changes.finish(task, ending, polled=True)):
            log.info(
                ending.status,
                task=task.id,
                response=task.response_id,
                polls=task.polls + 1,
                cost_usd=None if ending.cost is None else ending.cost / 1e6,
                **({"error": ending.error_code} if ending.error_code else {}),
            )

    async def _note_refused_key(self, outcome: Outcome) -> None:
        if isinstance(outcome, Reply) and outcome.status in (401, 403):
            pause = pause_for(outcome)
            if pause:
                await self.gate.close(*pause, PROBE_EVERY)
