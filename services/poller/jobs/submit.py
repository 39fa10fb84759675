"""Submits one task: claims it durably, POSTs it once, and records the result."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from redis.exceptions import RedisError

from services.poller import metrics
from services.poller.decisions.late_result import LateResult, fate_unknown, not_submitted, refused
from services.poller.decisions.pause import Pause
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.decisions.submission import (
    Decision,
    Refused,
    SubmitLater,
    Submitted,
    UnclearRefusal,
    Unconfirmed,
    answered_for_another_task,
    decide_submission,
    with_response_id,
)
from services.poller.jobs.ending_log import log_ending
from services.poller.jobs.pause import (
    PROBE_AGAIN_MS,
    PROBE_INTERVAL_MS,
    find_cause,
    pause_submissions,
)
from services.poller.jobs.resume import resume_submissions
from services.poller.provider.client import Provider
from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.errors import (
    BudgetExceeded,
    MaybeSent,
    OwnerWithoutToken,
    ResponseOfAnotherTask,
    RollbackCheckPending,
    TaskNotFound,
    WriteNotConfirmed,
)
from shared.domain.problem import Problem
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.runtime import tracing
from shared.store import Store, SubmissionGate

CLAIM_RETRY_MS = 5_000
"""Delay after a claim that Redis could not confirm."""

BUDGET_RETRY_MS = 60_000
"""Delay of a task that must not be paid for now, unless some of the budget is released earlier."""

MIDNIGHT_MARGIN_MS = 1_000
"""Such tasks are tried again this long after the new day (UTC) begins."""

ROLLBACK_CHECK_RETRY_MS = 1_000
"""Delay while the pollers have not yet checked Redis for a rollback."""

MAYBE_SENT = (
    "Redis was restored to an earlier state, in which this task still waited. It may have been"
    " sent since."
)

MAX_CLAIM_AGE_S = 8
"""A claim older than this is not used: its lease covers the POST and ten seconds."""

RETRY_DELAY_S = 1.0
"""Delay between attempts to store the id of a response that is paid for."""

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class SubmitJob:
    """Runs the SUBMIT job. ``lease_ms`` is how long a claim is valid."""

    store: Store
    gate: SubmissionGate
    provider: Provider
    policy: PollPolicy
    lease_ms: int
    new_token: Callable[[], str]
    monotonic: Callable[[], float]
    retry_delay_s: float = RETRY_DELAY_S

    async def submit(self, task_id: str, generation: int) -> None:
        """Submit once. A task that no longer waits in this generation is left alone."""
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
        started_at = self.monotonic()
        claimed = await self._claim(task)
        if claimed is None:
            return
        if self.monotonic() - started_at > MAX_CLAIM_AGE_S:
            # This worker was frozen. A person may have decided otherwise about the task meanwhile.
            log.warning("late_claim_released", task=task.id)
            await self._release_claim(claimed, "the worker was frozen before it sent the request")
            return
        result = await self.provider.create(
            conversation, task.id, claimed.client_request_id or task.id
        )
        decision = decide_submission(result, claimed, _clock())
        if isinstance(decision, UnclearRefusal) and await self.gate.pause_state():
            decision = decision.pause  # this task was to find out whether the cause is gone
        await self._apply(claimed, decision, conversation)

    async def _gate_allows(self, task: Task, now: int) -> bool:
        closed = await self.gate.pause_state()
        if closed is None:
            return True
        probe_at = closed.probe_at + (PROBE_AGAIN_MS if task.attempts else 0)
        if now >= probe_at and await self.gate.acquire_probe(PROBE_INTERVAL_MS):
            return True
        wait = max(probe_at - now, 1_000)
        problem = Problem(closed.reason, closed.text)
        await self.store.apply(changes.requeue(task, wait, closed.reason, problem))
        return False

    async def _claim(self, task: Task) -> Task | None:
        """The claimed task, or None if it must not be sent."""
        token = self.new_token()
        try:
            reserve = await self.store.ledger.expected_cost(task)
            change = changes.claim(task, token, self.lease_ms, reserve, self.provider.account_id)
            return await self.store.apply(change, token=token, durable=True)
        except WriteNotConfirmed:
            log.warning("claim_not_confirmed", task=task.id)
            held = (await self.store.load(task.id)).task
            if held.claim_token == token:
                await self._release_claim(held, "Redis could not confirm the claim")
        except RollbackCheckPending:
            log.warning("submission_postponed", task=task.id, reason="rollback check pending")
            await self.store.apply(changes.requeue(task, ROLLBACK_CHECK_RETRY_MS))
        except BudgetExceeded as error:
            wait = min(BUDGET_RETRY_MS, error.resets_in + MIDNIGHT_MARGIN_MS)
            await self._wait_to_spend(task, wait, PauseReason.BUDGET)
        except OwnerWithoutToken:
            await self._wait_to_spend(task, BUDGET_RETRY_MS, PauseReason.NO_TOKEN)
        except MaybeSent:
            log.warning("task_marked_unconfirmed", task=task.id, reason=MAYBE_SENT)
            await self.store.apply(changes.mark_unconfirmed(task, MAYBE_SENT))
        return None

    async def _wait_to_spend(self, task: Task, wait: int, reason: PauseReason) -> None:
        waits = await self.store.apply(changes.requeue(task, wait, reason))
        if waits and task.paused is not reason:
            log.info("task_paused", task=task.id, reason=reason)

    async def _release_claim(self, held: Task, reason: str) -> None:
        """Release a claim that was not used for a POST."""
        late = not_submitted(reason)
        sending = held.status is Status.SUBMITTING
        change = changes.requeue(held, CLAIM_RETRY_MS) if sending else late(held)
        if change:
            await self._record_outcome(change, late)

    async def _apply(
        self, task: Task, decision: Decision, conversation: list[dict[str, Any]]
    ) -> None:
        metrics.SUBMISSIONS.labels(metrics.SUBMISSION_OUTCOMES[type(decision)]).inc()
        match decision:
            case Submitted(response_id):
                # Logged before it is stored: if Redis is lost now, the log still names the response
                # that is paid for.
                log.info("task_submitted", task=task.id, response=response_id)
                await asyncio.shield(
                    asyncio.ensure_future(self._persist_response_id(task, decision))
                )
                await resume_submissions(self.gate, self.store)
            case SubmitLater():
                await self._submit_later(task, decision)
            case Pause(reason, message):
                problem = Problem(reason, decision.text)
                change = changes.requeue(task, PROBE_INTERVAL_MS, reason, problem)
                await self._record_outcome(change, not_submitted(message))
                await pause_submissions(self.gate, decision, conversation)
            case UnclearRefusal(pause, later):
                await self._submit_later(task, later)
                if cause := await find_cause(self.gate, self.provider, task, pause):
                    await pause_submissions(self.gate, cause, conversation)
            case Refused(code, message):
                log.warning("task_refused", task=task.id, code=code)
                ending = TaskResult(Status.FAILED, code, message)
                await self._record_outcome(
                    changes.finish(task, ending, polled=False), refused(ending)
                )
            case Unconfirmed():
                await self._mark_unconfirmed(task, decision)

    async def _submit_later(self, task: Task, decision: SubmitLater) -> None:
        after, code, reason = decision.after, decision.code, decision.reason
        log.warning("submission_retry_scheduled", task=task.id, reason=code, retry_in_ms=after)
        change = changes.requeue(task, after, problem=Problem(code, reason))
        await self._record_outcome(change, not_submitted(reason))

    async def _mark_unconfirmed(self, task: Task, decision: Unconfirmed) -> None:
        log.error("task_marked_unconfirmed", task=task.id, reason=decision.reason)
        change = changes.mark_unconfirmed(task, decision.reason)
        await self._record_outcome(change, fate_unknown)

    async def _record_outcome(self, change: Change, late: LateResult) -> None:
        """Record the result of a POST; ``late`` does so if the task has changed in the meantime.

        While the task carries this claim there was no other POST, so the result still applies.
        """
        claim = change.task.claim_token
        pending: Change | None = change
        while pending and await self.store.apply(pending) is None:
            current = (await self.store.load(change.task.id)).task
            own = current.claim_token == claim and current.response_id is None
            pending = late(current) if own else None

    async def _persist_response_id(self, task: Task, submitted: Submitted) -> None:
        """Store the response id, however long Redis is unavailable: only this process knows it."""
        while True:
            try:
                if await self._store_response_id(task, submitted):
                    return
            except TaskNotFound:
                log.error(  # noqa: TRY400 -- no defect, so no traceback
                    "response_of_deleted_task_found", task=task.id, response=submitted.response_id
                )
                return
            except (RedisError, OSError, WriteNotConfirmed) as error:
                log.error(  # noqa: TRY400 -- no defect, so no traceback
                    "response_id_write_failed",
                    task=task.id,
                    response=submitted.response_id,
                    error=type(error).__name__,
                )
            await asyncio.sleep(self.retry_delay_s)

    async def _store_response_id(self, task: Task, submitted: Submitted) -> bool:
        """Whether nothing is left to do. The task may be unconfirmed or ended by now."""
        current = (await self.store.load(task.id)).task
        rolled_back = current.claim_token is None and not current.is_terminal
        if current.response_id is not None or (
            current.claim_token != task.claim_token and not rolled_back
        ):
            return True
        if current.status is Status.QUEUED:  # the rollback check is about to make it unconfirmed
            return False
        try:
            stored = await self.store.apply(
                with_response_id(current, submitted, self.policy), durable=True
            )
        except ResponseOfAnotherTask:
            await self._mark_unconfirmed(task, answered_for_another_task(task))
            return True
        if stored and stored.answer_kind and submitted.answer:
            log_ending(current, stored, submitted.answer)
        return stored is not None


def _clock() -> datetime:
    return datetime.now(UTC)
