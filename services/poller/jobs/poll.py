"""Polls one task once, and records its result or schedules the next poll."""

from dataclasses import dataclass
from http import HTTPStatus

import structlog

from services.poller import metrics
from services.poller.decisions.ownership import (
    cancel_acknowledged,
    may_be_ended,
    own_response,
    seen_elsewhere,
)
from services.poller.decisions.poll import (
    ALL_MISSING,
    NOT_FOUND_CODE,
    OTHER_ACCOUNT,
    UNREACHABLE_GRACE_MS,
    CancelAtProvider,
    Decision,
    Finish,
    GiveUp,
    PollAgain,
    all_missing,
    decide_after_cancel,
    decide_cancel,
    decide_poll,
)
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.decisions.poll_problem import poll_problem
from services.poller.jobs.ending_log import log_ending
from services.poller.jobs.pause import pause_on_401
from services.poller.provider.client import Provider
from services.poller.results import Reply
from shared.domain import changes
from shared.domain.problem import Problem
from shared.domain.task import Task
from shared.runtime import tracing
from shared.store import Store, SubmissionGate

SAMPLE_SIZE = 30
"""Tasks in progress that are compared with one whose response is missing."""

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class PollJob:
    """Runs the POLL job."""

    store: Store
    gate: SubmissionGate
    provider: Provider
    policy: PollPolicy

    async def poll(self, task_id: str, generation: int, number: int) -> None:
        """Poll once. A poll that is not the next one of the task's current chain does nothing."""
        loaded = await self.store.start_poll(task_id, generation, number)
        if loaded is None or not (loaded.task.needs_polling and loaded.task.response_id):
            return
        task, response_id = loaded.task, loaded.task.response_id
        with tracing.task_span("poll", task):
            if task.is_terminal:
                await self._poll_ended(task, response_id, loaded.now)
            else:
                await self._poll_running(task, response_id, loaded.now)

    async def _poll_running(self, task: Task, response_id: str, now: int) -> None:
        result = await self.provider.retrieve(response_id)
        await pause_on_401(self.gate, result)
        decision = decide_poll(result, task, now, self.policy)
        if isinstance(decision, CancelAtProvider):
            cancelled = await self.provider.cancel(response_id)
            decision = decide_cancel(cancelled, task, self.policy)
        problem = poll_problem(result, task)
        if _is_missing(decision) and (hidden := await self._why_hidden(task, now)):
            decision = PollAgain(self.policy.interval_ms, task.provider_status, task.missing_since)
            problem = hidden
        _count(task, problem, decision)
        match decision:
            case PollAgain():
                await self._poll_again(task, decision, problem)
            case Finish(ending):
                account_id = self.provider.account_id
                change = changes.finish(task, ending, polled=True, account_id=account_id)
                if ended := await self.store.apply(change):
                    log_ending(task, ended, ending)
            case GiveUp(code, message):
                change = changes.fail(task, code, message, self.policy.stale_after_ms)
                if await self.store.apply(change):
                    log.warning("task_given_up", task=task.id, response=response_id, error=code)

    async def _why_hidden(self, task: Task, now: int) -> Problem | None:
        """Why a missing response may still exist; past the last deadline that is no excuse."""
        age = now - (task.submitted_at or task.created_at)
        if age > self.policy.deadline_ms + UNREACHABLE_GRACE_MS:
            return None
        if seen_elsewhere(task, self.provider.account_id):
            return OTHER_ACCOUNT
        sample = await self.store.sample_in_progress(SAMPLE_SIZE)
        return ALL_MISSING if all_missing(task, sample) else None

    async def _poll_ended(self, task: Task, response_id: str, now: int) -> None:
        result = await self.provider.retrieve(response_id)
        decision = decide_after_cancel(result, task, now, self.policy, self.provider.account_id)
        stopped = missed = False
        if task.cancel_pending and isinstance(decision, PollAgain) and may_be_ended(result, task):
            result = await self.provider.cancel(response_id)
            stopped = cancel_acknowledged(result, task)
            missed = isinstance(result, Reply) and result.status == HTTPStatus.NOT_FOUND
            if own_response(result, task):
                decision = decide_after_cancel(
                    result, task, now, self.policy, self.provider.account_id
                )
        problem = poll_problem(result, task)
        _count(task, problem, decision)
        match decision:
            case PollAgain():
                await self._poll_again(task, decision, problem, stopped=stopped, missed=missed)
            case Finish(ending):
                if ended := await self.store.apply(changes.attach_answer(task, ending)):
                    log_ending(task, ended, ending)

    async def _poll_again(
        self,
        task: Task,
        again: PollAgain,
        problem: Problem | None,
        *,
        stopped: bool = False,
        missed: bool = False,
    ) -> None:
        change = changes.poll_again(
            task,
            again.after,
            again.provider_status,
            again.missing_since,
            self.policy.stale_after_ms,
            problem=problem,
            account_id=self.provider.account_id,
            stopped=stopped,
            missed=missed,
        )
        await self.store.apply(change)


def _is_missing(decision: Decision) -> bool:
    return isinstance(decision, GiveUp) and decision.code == NOT_FOUND_CODE


def _count(task: Task, problem: Problem | None, decision: Decision) -> None:
    """Count the poll, and log one without a proper answer."""
    match decision:
        case PollAgain() if problem:
            outcome = "unanswered"
            metrics.POLLS_UNANSWERED.labels(problem.code).inc()
            log.warning(
                "poll_unanswered", task=task.id, response=task.response_id, reason=problem.code
            )
        case PollAgain() | CancelAtProvider():
            outcome = "running"
        case Finish():
            outcome = "ended"
        case GiveUp():
            outcome = "given_up"
    metrics.POLLS.labels(outcome).inc()
