"""Writes task records: each change of one is carried out by one atomic script."""

from collections.abc import Mapping

from redis.asyncio import Redis

from shared.domain.changes import Change
from shared.domain.errors import (
    BudgetExceeded,
    IdempotencyKeyReused,
    MaybeSent,
    OwnerWithoutToken,
    ResponseOfAnotherTask,
    RollbackCheckPending,
    TaskNotFound,
    TooManyOpenTasks,
    TooMuchStored,
    WriteNotConfirmed,
)
from shared.domain.states import Status
from shared.domain.task import Task
from shared.domain.tombstone import Tombstone
from shared.queue import JOB_LIFE_MS, Job, queue_name
from shared.runtime.ids import new_token
from shared.store import clock, keys
from shared.store.deletion import TaskDeletion
from shared.store.epoch_mark import EpochMark, EpochMarkStore
from shared.store.insert import JOIN_MS, InsertResult, TaskInsert
from shared.store.ledger import DAY_MS
from shared.store.reader import Reader, TimedTask
from shared.store.replicas import Replicas
from shared.store.scripts import ANNOTATE, CHANGE, DELETE, INSERT, START_POLL
from shared.store.writes import (
    annotate_request,
    change_request,
    delete_request,
    insert_request,
    start_poll_request,
)


class Store(Reader):
    """The task records of one installation, read and written.

    ``confirm`` says whether durable writes are confirmed to be on disk; only a store without an
    append-only file cannot; ``min_replicas`` must have them, however few are connected. Who claims
    tasks brings what is remembered of the store. Raises redis-py's errors when the server is away.
    """

    def __init__(
        self,
        redis: Redis,
        provider: str,
        *,
        confirm: bool = True,
        min_replicas: int = 0,
        high_water: EpochMarkStore | None = None,
    ) -> None:
        super().__init__(redis, provider)
        self._replicas = Replicas(min_replicas) if confirm else None
        self._high_water = high_water

    async def insert(self, acceptance: TaskInsert) -> InsertResult:
        """Write a new task and its first job, on disk before this returns.

        Raises TooManyOpenTasks, TooMuchStored, IdempotencyKeyReused, WriteNotConfirmed, and
        TaskDeleted where the key stands for a deleted task.
        """
        request = await insert_request(acceptance, confirmed=self._replicas is not None)
        result = await INSERT.run(self._redis, request, confirm=self._replicas)
        outcome, what = result.reply
        if not result.kept:
            raise WriteNotConfirmed(acceptance.id)
        match outcome:
            case b"inserted":
                return InsertResult(_task(what), replayed=False)
            case b"replayed":
                return InsertResult((await self.load(what.decode())).task, replayed=True)
            case b"reused":
                raise IdempotencyKeyReused(what.decode())
            case b"owner_full":
                raise TooManyOpenTasks(acceptance.owner_limit or 0, own=True)
            case b"owner_store_full":
                raise TooMuchStored(acceptance.owner_max_bytes or 0)
            case _:
                raise TooManyOpenTasks(acceptance.limit)

    async def extend_joining(self, body_hash: str, owner: str | None) -> None:
        """Let retries of a request without a key join its task for another ``JOIN_MS``."""
        await self._redis.pexpire(keys.same_body(body_hash, owner), JOIN_MS)

    async def apply(
        self, change: Change, *, token: str | None = None, durable: bool = False
    ) -> Task | None:
        """Carry out a change and return the task after it, or None where the record had moved on.

        ``token`` recognises the same change sent twice. Raises TaskNotFound, and WriteNotConfirmed
        when ``durable`` was asked for and it is not certain to be kept. A claim is refused with
        RollbackCheckPending or MaybeSent in a store that may lack some of what it had, with
        OwnerWithoutToken and with BudgetExceeded, an exclusive response id with
        ResponseOfAnotherTask.
        """
        task = change.task
        mark = self._mark(change)
        request = await change_request(change, token or new_token(), mark)
        result = await CHANGE.run(self._redis, request, confirm=self._replicas if durable else None)
        outcome, now, fields = result.reply
        match outcome:
            case b"missing":
                raise await self._missing(task.id)
            case b"rollback_check_pending":
                raise RollbackCheckPending(task.id)
            case b"maybe_sent":
                raise MaybeSent(task.id)
            case b"response_of_another_task":
                raise ResponseOfAnotherTask(task.id)
            case b"owner_without_token":
                raise OwnerWithoutToken(task.id)
            case b"budget_exceeded":
                raise BudgetExceeded(task.id, DAY_MS - int(now) % DAY_MS)
        if not result.kept:
            raise WriteNotConfirmed(task.id)
        if outcome != b"applied":
            return None
        if mark is not None:
            await self._remember(task.id, mark.epoch, fields)
        return _task(fields)

    async def delete(self, removal: TaskDeletion) -> Tombstone | None:
        """Remove all that is kept of a task that is being deleted, but for a tombstone.

        None where the record had moved on. Raises TaskNotFound. Carried out twice, it is once.
        """
        task = removal.task
        result = await DELETE.run(self._redis, delete_request(removal))
        outcome, left = result.reply
        match outcome:
            case b"missing":
                raise TaskNotFound(task.id)
            case b"stale":
                return None
            case _:
                return Tombstone.from_record(_fields(left))

    async def annotate(self, task: Task, marks: Mapping[str, object]) -> Task:
        """Set an owner's marks on a task: `title`, `pinned`, `archived`, `read`; the task after it.

        Raises TaskNotFound, or more closely TaskDeleted.
        """
        result = await ANNOTATE.run(self._redis, annotate_request(task, marks))
        if not result.reply:
            raise await self._missing(task.id)
        return _task(result.reply)

    async def count_start(self, task: Task) -> None:
        """Count that a job of the task was started; any progress forgets it."""
        await self._redis.hincrby(keys.job_starts(task.provider), task.id, 1)

    async def start_poll(self, task_id: str, generation: int, number: int) -> TimedTask | None:
        """The task for its ``number``-th poll, counted as started; None where that is not next.

        Raises TaskNotFound.
        """
        request = start_poll_request(self._provider, task_id, generation, number - 1)
        result = await START_POLL.run(self._redis, request)
        now, record, current = result.reply
        if not record:
            raise TaskNotFound(task_id)
        return TimedTask(_task(record), int(now)) if current else None

    async def postpone(self, task: Task, due: int) -> None:
        """Have the sweep look at the task in ``due`` milliseconds."""
        now = await clock.now(self._redis)
        await self._redis.zadd(keys.sweep_queue(self._provider), {task.id: now + due}, xx=True)

    async def enqueue(self, job: Job) -> None:
        """Add a job that no change of a record implies."""
        now = await clock.now(self._redis)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(job.key, job.payload, px=job.delay + JOB_LIFE_MS)
            pipe.zadd(queue_name(self._provider), {job.id: now + job.delay}, nx=True)
            await pipe.execute()

    def _mark(self, change: Change) -> EpochMark | None:
        """What a claim must not be behind; None for other changes, and where nobody remembers."""
        if self._high_water is None or change.after is not Status.SUBMITTING:
            return None
        mark = self._high_water.read()
        if mark is None:
            raise RollbackCheckPending(change.task.id)
        return mark

    async def _remember(self, task_id: str, history: str, record: list[bytes]) -> None:
        """Keep a claim outside the store, before it may be used. Raises WriteNotConfirmed."""
        if self._high_water is None:
            return
        number = int(_fields(record)[b"claim_number"])
        try:
            await self._high_water.advance(EpochMark(history, number))
        except OSError as error:
            raise WriteNotConfirmed(task_id) from error


def _task(flat: list[bytes]) -> Task:
    return Task.from_record(_fields(flat))


def _fields(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
