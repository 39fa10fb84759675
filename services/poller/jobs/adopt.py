"""Attaches a response, named by a person or a webhook, to the task that its metadata names."""

from dataclasses import dataclass, replace

import structlog

from services.poller.decisions.error_response import parse_error
from services.poller.decisions.ownership import chosen_response, requested_response
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.decisions.poll_problem import poll_problem
from services.poller.decisions.submission import Submitted, with_response_id
from services.poller.jobs.ending_log import log_ending
from services.poller.jobs.poll import PollJob
from services.poller.provider.client import Provider
from services.poller.results import CallResult, Reply
from shared.domain import changes
from shared.domain.errors import TaskDeleted, TaskNotFound
from shared.domain.provider_name import capitalized, provider_name
from shared.domain.states import Status
from shared.domain.task import Task
from shared.openai.response import Response
from shared.queue import webhook_job
from shared.store import Store

RETRY_DELAY_MS = 5_000
"""Delay before the provider, or a task that is being submitted, is read again."""

MAX_WEBHOOK_ATTEMPTS = 20
"""Attempts to handle a webhook before its response is left to polling, or to a person."""

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class AdoptJob:
    """Runs the ADOPT and WEBHOOK jobs."""

    store: Store
    provider: Provider
    polling: PollJob
    policy: PollPolicy

    async def adopt(self, task_id: str, generation: int, response_id: str) -> None:
        """Attach the response that a person chose, or record why it is not this task's."""
        task = (await self.store.load(task_id)).task
        if task.status is not Status.UNCONFIRMED or task.generation != generation:
            return
        await self.store.count_start(task)
        result = await self.provider.retrieve(response_id)
        response = chosen_response(result, response_id, task)
        if response is None:
            await self._record_failed_read(task, response_id, result)
        elif response.task_id != task.id:
            names = await self._name(response.task_id, task)
            message = f"{response_id} is not this task's response: its metadata names {names}."
            await self.store.apply(changes.refuse_adoption(task, message))
        else:
            await self._attach(task, response.id or response_id, response)

    async def handle_webhook(self, response_id: str, attempt: int) -> None:
        """Read the response that a webhook reports as finished."""
        known = await self.store.task_of_response(response_id)
        if known:
            task = (await self.store.load(known)).task
            await self.polling.poll(task.id, task.generation, task.polls + 1)
            return
        result = await self.provider.retrieve(response_id)
        response = requested_response(result, response_id)
        if response is None or not await self._attach_from_webhook(response_id, response):
            await self._retry_webhook(response_id, attempt)

    async def _attach_from_webhook(self, response_id: str, response: Response) -> bool:
        if response.task_id is None:
            return True  # the account also serves other programs
        try:
            task = (await self.store.load(response.task_id)).task
        except TaskDeleted:
            log.error("response_of_deleted_task_found", task=response.task_id, response=response_id)  # noqa: TRY400 -- no defect, so no traceback
            return True
        except TaskNotFound:
            return True
        if task.status in (Status.QUEUED, Status.SUBMITTING):
            return False  # the submit job is about to store the id, or its lease expires
        return task.response_id is not None or await self._attach(task, response_id, response)

    async def _attach(self, task: Task, response_id: str, response: Response) -> bool:
        """Whether it was attached. False if the task has changed in the meantime."""
        submitted = Submitted.of(response, response_id)
        attached = await self.store.apply(
            with_response_id(task, submitted, self.policy), durable=True
        )
        if attached:
            log.info("response_attached", task=task.id, response=response_id)
        if attached and attached.answer_kind and submitted.answer:
            log_ending(task, attached, submitted.answer)
        return attached is not None

    async def _name(self, task_id: str | None, task: Task) -> str:
        """Names the task of a response to its own owner only; ids of other owners stay secret."""
        if task_id is None:
            return "no task"
        own = task.owner is None or await self.store.owns(task.owner, task_id)
        return task_id if own else "another task"

    async def _record_failed_read(self, task: Task, response_id: str, result: CallResult) -> None:
        if (
            isinstance(result, Reply)
            and parse_error(result).readable
            and result.status in (400, 404)
        ):
            who = capitalized(provider_name(task.provider))
            message = f"{who} has no response {response_id}."
            await self.store.apply(changes.refuse_adoption(task, message))
            return
        problem = poll_problem(result, replace(task, response_id=response_id))
        log.warning(
            "adoption_postponed",
            task=task.id,
            response=response_id,
            reason=problem and problem.code,
            retry_in_ms=RETRY_DELAY_MS,
        )
        late = self.policy.stale_after_ms
        change = changes.adopt(task, response_id, RETRY_DELAY_MS, late, problem=problem)
        await self.store.apply(change)

    async def _retry_webhook(self, response_id: str, attempt: int) -> None:
        if attempt < MAX_WEBHOOK_ATTEMPTS:
            await self.store.enqueue(webhook_job(response_id, attempt + 1, RETRY_DELAY_MS))
