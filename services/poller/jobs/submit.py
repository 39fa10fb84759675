"""Submits one task: claim it on disk, POST it once, write down what came of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import structlog
from redis.exceptions import RedisError

from services.poller import metrics
from services.poller.decisions.late_result import (
    LateResult,
    never_told,
    not_submitted,
    refused,
    with_response_id,
)
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.decisions.submission import (
    Decision,
    PauseSubmissions,
    Refused,
    SubmitLater,
    Submitted,
    Unconfirmed,
    decide_submission,
)
from services.poller.jobs.resume import resume_submissions
from services.poller.provider.client import Provider
from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.errors import (
    BudgetExceeded,
    MaybeSent,
    OwnerWithoutToken,
    RollbackCheckPending,
    TaskNotFound,
    WriteNotConfirmed,
)
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.runtime import tracing
from shared.store import Store, SubmissionGate

PROBE_INTERVAL_MS = 60_000
"""Milliseconds between two tries to submit while submission is paused for everybody."""

CLAIM_RETRY_MS = 5_000
"""Milliseconds before a task is tried again whose claim the store could not confirm."""

BUDGET_RETRY_MS = 60_000
"""Milliseconds before a task is tried again that may not be paid for: its owner has no token, or
the budget no room. If some of the budget gets free, it is tried sooner."""

MIDNIGHT_MARGIN_MS = 1_000
"""Milliseconds into the new day (UTC) at which such tasks are tried again."""

ROLLBACK_CHECK_RETRY_MS = 1_000
"""Milliseconds before a task is tried again in a store that the pollers have yet to compare."""

MAYBE_SENT = (
    "The store was restored to an earlier state in which this task still waited, so it may have"
    " been sent since."
)

MAX_CLAIM_AGE_S = 8
"""Seconds after which a claim may no longer be used; its lease leaves ten beside the POST."""

RETRY_DELAY_S = 1.0
"""Seconds between two tries to write down the id of a response that is paid for."""

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class SubmitJob:
    """What submitting needs; ``lease`` is how long, in ms, a claim is its holder's alone."""

    store: Store
    gate: SubmissionGate
    provider: Provider
    policy: PollPolicy
    lease: int
    new_token: Callable[[], str]
    monotonic: Callable[[], float]
    retry_delay_s: float = RETRY_DELAY_S

    async def submit(self, task_id: str, generation: int) -> None:
        """Run the job: a task that is not waiting in this generation is somebody else's."""
        loaded = await self.store.load(task_id)
        task = loaded.task
        if task.status is not Status.QUEUED or task.generation != generation:
            return
        if not await self._gate_allows(task, loaded.now):
            return
        await self.store.count_start(task)
        with tracing.task_span("submit", task):
            await self._submit(task)

    async def _submit(self, task: Task) -> None:
        conversation = orjson.loads(await self.store.conversation(task.id))
        asked = self.monotonic()
        claimed = await self._claim(task)
        if claimed is None:
            return
        if self.monotonic() - asked > MAX_CLAIM_AGE_S:
            # This worker was frozen; by now a person may have decided on what it is about to send.
            log.warning("claim took too long, nothing sent", task=task.id)
            await self._let_go(claimed, "the worker was held up before it sent anything")
            return
        result = await self.provider.create(
            conversation, task.id, claimed.client_request_id or task.id
        )
        await self._apply(claimed, decide_submission(result, claimed.attempts, _clock()))

    async def _gate_allows(self, task: Task, now: int) -> bool:
        closed = await self.gate.pause_state()
        if closed is None:
            return True
        if now >= closed.probe_at and await self.gate.acquire_probe(PROBE_INTERVAL_MS):
            return True
        wait = max(closed.probe_at - now, 1_000)
        await self.store.apply(changes.requeue(task, wait, closed.reason))
        return False

    async def _claim(self, task: Task) -> Task | None:
        """The claimed task, or None: then nothing may be sent."""
        token = self.new_token()
        try:
            reserve = await self.store.ledger.expected_cost(task)
            change = changes.claim(task, token, self.lease, reserve)
            return await self.store.apply(change, token=token, durable=True)
        except WriteNotConfirmed:
            log.warning("claim not confirmed on disk, nothing sent", task=task.id)
            held = (await self.store.load(task.id)).task
            if held.claim_token == token:
                await self._let_go(held, "the store could not confirm that it may be sent")
        except RollbackCheckPending:
            log.warning("the store may have lost claims, nothing sent yet", task=task.id)
            await self.store.apply(changes.requeue(task, ROLLBACK_CHECK_RETRY_MS))
        except BudgetExceeded as error:
            wait = min(BUDGET_RETRY_MS, error.resets_in + MIDNIGHT_MARGIN_MS)
            await self._wait_to_spend(task, wait, PauseReason.BUDGET)
        except OwnerWithoutToken:
            await self._wait_to_spend(task, BUDGET_RETRY_MS, PauseReason.NO_TOKEN)
        except MaybeSent:
            log.warning("unconfirmed, will not be sent", task=task.id, reason=MAYBE_SENT)
            await self.store.apply(changes.mark_unconfirmed(task, MAYBE_SENT))
        return None

    async def _wait_to_spend(self, task: Task, wait: int, reason: PauseReason) -> None:
        waits = await self.store.apply(changes.requeue(task, wait, reason))
        if waits and task.paused is not reason:
            log.info("task_paused", task=task.id, reason=reason)

    async def _let_go(self, held: Task, reason: str) -> None:
        """Give back a claim by which nothing was sent."""
        unsent = not_submitted(reason)
        waits = held.status is Status.SUBMITTING
        change = changes.requeue(held, CLAIM_RETRY_MS) if waits else unsent(held)
        if change:
            await self._record_outcome(change, unsent)

    async def _apply(self, task: Task, decision: Decision) -> None:
        metrics.SUBMISSIONS.labels(metrics.SUBMISSION_OUTCOMES[type(decision)]).inc()
        match decision:
            case Submitted(response_id):
                # Logged before it is stored: should the store be lost now, the log can still say
                # which answer was paid for.
                log.info("submitted", task=task.id, response=response_id)
                await asyncio.shield(
                    asyncio.ensure_future(self._persist_response_id(task, decision))
                )
                await resume_submissions(self.gate, self.store)
            case SubmitLater(after, reason):
                log.warning("not sent, will try again", task=task.id, reason=reason, in_ms=after)
                await self._record_outcome(changes.requeue(task, after), not_submitted(reason))
            case PauseSubmissions(reason, message):
                log.error("submission paused for all", task=task.id, reason=reason, message=message)
                await self._record_outcome(
                    changes.requeue(task, PROBE_INTERVAL_MS, reason), not_submitted(message)
                )
                await self.gate.close(reason, message, PROBE_INTERVAL_MS)
            case Refused(code, message):
                log.warning("refused by the provider", task=task.id, code=code)
                ending = TaskResult(Status.FAILED, code, message)
                await self._record_outcome(
                    changes.finish(task, ending, polled=False), refused(ending)
                )
            case Unconfirmed(reason):
                log.error("unconfirmed, will not be sent again", task=task.id, reason=reason)
                await self._record_outcome(changes.mark_unconfirmed(task, reason), never_told)

    async def _record_outcome(self, change: Change, belated: LateResult) -> None:
        """Write down what became of a POST; ``belated`` is for a task that has moved on meanwhile.

        While the claim stands there was no other POST, so what is known of this one is true.
        """
        claim = change.task.claim_token
        following: Change | None = change
        while following and await self.store.apply(following) is None:
            current = (await self.store.load(change.task.id)).task
            mine = current.claim_token == claim and current.response_id is None
            following = belated(current) if mine else None

    async def _persist_response_id(self, task: Task, started: Submitted) -> None:
        """Write the response's id down, however long the store is away: nobody else knows it."""
        while True:
            try:
                if await self._start(task, started):
                    return
            except TaskNotFound:
                log.error(  # noqa: TRY400 -- expected, and the id is what matters
                    "response of a task that is gone", task=task.id, response=started.response_id
                )
                return
            except (RedisError, OSError, WriteNotConfirmed) as error:
                log.error(  # noqa: TRY400 -- expected, and the id is what matters
                    "response id not stored yet",
                    task=task.id,
                    response=started.response_id,
                    error=type(error).__name__,
                )
            await asyncio.sleep(self.retry_delay_s)

    async def _start(self, task: Task, started: Submitted) -> bool:
        """Whether the id is where it belongs; the task may be unconfirmed or ended by now."""
        current = (await self.store.load(task.id)).task
        rolled_back = current.claim_token is None and not current.is_terminal
        if current.response_id is not None or (
            current.claim_token != task.claim_token and not rolled_back
        ):
            return True
        if current.status is Status.QUEUED:  # the watch is about to park it
            return False
        return bool(
            await self.store.apply(with_response_id(current, started, self.policy), durable=True)
        )


def _clock() -> datetime:
    return datetime.now(UTC)
