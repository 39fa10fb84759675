"""Submits one task: claim it on disk, POST it once, write down what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import structlog

from services.poller.decide_poll import Timing
from services.poller.decide_submission import (
    PauseAll,
    Refused,
    Started,
    SubmitLater,
    Unconfirmed,
    Verdict,
    decide_submission,
)
from services.poller.provider import Provider
from shared import changes
from shared.changes import Ending
from shared.errors import NotDurable
from shared.states import Status
from shared.store import Gate, Store
from shared.task import Task

PROBE_EVERY = 60_000
"""Milliseconds between two tries to submit while submission is paused for everybody."""

UNKEPT_CLAIM_WAIT = 5_000
"""Milliseconds before a task is tried again whose claim the store could not confirm."""

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class Submission:
    """What submitting needs; ``lease`` is how long, in ms, a claim is its holder's alone."""

    store: Store
    gate: Gate
    provider: Provider
    timing: Timing
    lease: int
    new_token: Callable[[], str]

    async def submit(self, task_id: str, generation: int) -> None:
        """Run the job: a task that is not waiting in this generation is somebody else's."""
        loaded = await self.store.load(task_id)
        task = loaded.task
        if task.status is not Status.QUEUED or task.generation != generation:
            return
        if not await self._may_pass(task, loaded.now):
            return
        conversation = orjson.loads(await self.store.conversation(task_id))
        claimed = await self._claim(task)
        if claimed is None:
            return
        outcome = await self.provider.create(
            conversation, task_id, claimed.client_request_id or task_id
        )
        await self._carry_out(claimed, decide_submission(outcome, claimed.attempts, _clock()))

    async def _may_pass(self, task: Task, now: int) -> bool:
        closed = await self.gate.closed()
        if closed is None:
            return True
        if now >= closed.probe_at and await self.gate.may_probe(PROBE_EVERY):
            return True
        wait = max(closed.probe_at - now, 1_000)
        await self.store.apply(changes.requeue(task, wait, closed.reason))
        return False

    async def _claim(self, task: Task) -> Task | None:
        """The claimed task, or None: then nothing may be sent."""
        token = self.new_token()
        try:
            change = changes.claim(task, token, self.lease)
            return await self.store.apply(change, token=token, durable=True)
        except NotDurable:
            log.warning("claim not confirmed on disk, nothing sent", task=task.id)
            held = (await self.store.load(task.id)).task
            if held.claim == token:
                await self.store.apply(changes.requeue(held, UNKEPT_CLAIM_WAIT))
            return None

    async def _carry_out(self, task: Task, verdict: Verdict) -> None:
        match verdict:
            case Started(response_id, provider_status):
                # Logged before it is stored: should the store be lost now, the log can still say
                # which answer was paid for.
                log.info("submitted", task=task.id, response=response_id)
                await self._start(task, response_id, provider_status)
                await self.gate.open()
            case SubmitLater(after, reason):
                log.warning("not sent, will try again", task=task.id, reason=reason, in_ms=after)
                await self.store.apply(changes.requeue(task, after))
            case PauseAll(reason, message):
                log.error("submission paused for all", task=task.id, reason=reason, message=message)
                await self.store.apply(changes.requeue(task, PROBE_EVERY, reason))
                await self.gate.close(reason, message, PROBE_EVERY)
            case Refused(code, message):
                log.warning("refused by the provider", task=task.id, code=code)
                ending = Ending(Status.FAILED, code, message)
                await self.store.apply(changes.finish(task, ending, polled=False))
            case Unconfirmed(reason):
                log.error("unconfirmed, will not be sent again", task=task.id, reason=reason)
                await self.store.apply(changes.doubt(task, reason))

    async def _start(self, task: Task, response_id: str, provider_status: str | None) -> None:
        """Also from `unconfirmed`: a worker that slept through its lease still knows the id."""
        for holder in (task, None):
            current = holder or (await self.store.load(task.id)).task
            if current.claim != task.claim or current.ended:
                return
            change = changes.start(
                current,
                response_id,
                provider_status,
                self.timing.poll_interval,
                self.timing.late,
            )
            if await self.store.apply(change, durable=True):
                return


def _clock() -> datetime:
    return datetime.now(UTC)
