"""Whatever workers, people, the provider and the clock do between two writes, the promise holds.

The product's own jobs, sweeps and actions run on the real scripts, several at a time. Each stops
before every write and every call to the provider; Hypothesis chooses who goes on and how he fares.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import fields
from itertools import count, pairwise
from typing import Any

import orjson
import pytest
from arq.jobs import deserialize_job_raw
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.api.auth.principal import Principal
from services.api.auth.revocation import cancel_queued
from services.api.auth.token_registry import TokenRegistry
from services.api.dependencies import AppContext
from services.api.routes import actions, deletion
from services.api.settings import ApiSettings
from shared import queue
from shared.domain.errors import TaskDeleted
from shared.domain.estimate import input_cost
from shared.domain.spending import INSTALLATION, outcome_of
from shared.domain.states import OPEN, TRANSITIONS, PauseReason, Status
from shared.domain.task import Task
from shared.domain.tombstone import DeletionOutcome, Tombstone
from shared.openai.model import ACTIVE
from shared.presentation import serializers
from shared.store import Events, Store, Today, keys
from shared.store.compression import MIN_THREADED_BYTES
from tests.shared import tasks
from tests.shared.store.fake_clock_server import ClockedServer, connect
from tests.shared.store.fake_provider import RUNNING, USAGES, Account
from tests.shared.store.interleaved_workers import FATES, PROVIDER, Crew, Worker

MINUTE = 60_000
HOUR = 60 * MINUTE
JUMPS = [1_000, 6_000, MINUTE, 11 * MINUTE, 3 * HOUR, -5 * MINUTE]
QUIET = {"polls", "last_polled_at", "next_poll_at", "version"}
ANYBODY = Principal(None, admin=True)
MOST_TASKS = 3
LARGE = MIN_THREADED_BYTES - 1_000
"""Bytes of a large conversation. One more would be packed by a thread, whose end nobody chooses."""
MOST_WORKERS = 6
index = st.integers(0, 99)


class StandingLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes only when it is told to."""

    now = 0.0

    def time(self) -> float:
        return self.now


class ThreadlessContext(AppContext):
    """Serialises a large task at once: a thread would end at a moment that nobody chose."""

    async def process_text(
        self,
        owner: str | None,  # noqa: ARG002 -- the base class's own
        size: int,  # noqa: ARG002 -- the base class's own
        function: Callable[..., Any],
        *args: Any,
    ) -> Any:
        return function(*args)


class Machine(RuleBasedStateMachine):
    """One installation with two pollers' worth of workers, an API, people and a provider."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = StandingLoop()
        self.server = ClockedServer()
        self.redis = connect(self.server)
        self.store = Store(self.redis, PROVIDER, confirm=False)
        self.account = Account()
        self.crew = Crew(self.redis, self.account, self.loop)
        self.seen: dict[str, Task] = {}
        self.gone: dict[str, Task] = {}
        self.left: dict[str, Tombstone] = {}
        self.bodies: dict[str, bytes] = {}
        self.budgets: dict[str, int] = {}
        self.active: set[str] | None = None
        self.histories: dict[str, list[Status]] = {}
        self.used_jobs: dict[str, bytes] = {}
        self.told: set[str] = set()
        self.ids = map("task_{}".format, count(1))
        self.last_event = 0
        self.versions: dict[str, int] = {}
        self.last_change: dict[str, int] = {}
        self.looked_at = 0
        self.failed = False

    # What may happen.

    @initialize(
        claim=st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
        post=st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        note=st.sampled_from([0, 0, 1, 1, 2, 3, 4]),
        steps=st.sampled_from([1, 2, 3, 3, 3]),
    )
    def begin(self, claim: int, post: int, note: int, steps: int) -> None:
        """The first task has come as far as its claim, its POST, or what came of that."""
        self.hand_in()
        self.take(self.jobs()[0])
        (worker,) = self.crew.workers
        for fate in (claim, post, note)[:steps]:
            self.carry_on([worker], 1, fate)

    @precondition(lambda self: len(self.seen) < MOST_TASKS)
    @rule(owner=st.sampled_from([None, "anna", "bo"]), size=st.sampled_from([0, LARGE]))
    def hand_in(self, owner: str | None = None, size: int = 0) -> None:
        conversation = b'[{"role":"user"%s}]' % (b" " * size)
        self.run(
            self.store.insert(
                tasks.acceptance(id=next(self.ids), conversation=conversation, owner=owner)
            )
        )
        self.crew.wrote()
        self.look()

    @precondition(lambda self: self.has_room() and self.jobs())
    @rule(which=index, steps=st.integers(0, 6))
    def take_a_job(self, which: int, steps: int) -> None:
        """Due or not, running already or not: arq promises no more."""
        jobs = self.jobs()
        self.take(jobs[which % len(jobs)])
        self.carry_on(self.crew.workers[-1:], steps)

    @precondition(lambda self: self.crew.workers)
    @rule(which=index, steps=st.integers(1, 6))
    def go_on(self, which: int, steps: int) -> None:
        which %= len(self.crew.workers)
        self.carry_on(self.crew.workers[which : which + 1], steps)

    @precondition(lambda self: self.crew.workers)
    @rule(which=index, fate=st.integers(1, 9))
    def go_wrong(self, which: int, fate: int) -> None:
        self.step(self.crew.workers[which % len(self.crew.workers)], fate)

    @precondition(lambda self: self.has_room())
    @rule()
    def sweep(self) -> None:
        self.crew.sweep()
        self.settle()

    @rule(jump=st.sampled_from(JUMPS))
    def pass_time(self, jump: int) -> None:
        """The store's clock jumps; the workers' own only goes forward."""
        self.loop.now += max(jump, 0) / 1000
        self.server.now += jump
        if jump > 0:
            self.run(
                self.redis.delete(f"{keys.submission_gate(PROVIDER)}:probe")
            )  # it lives for a minute
        self.settle()

    @precondition(lambda self: self.crew.workers)
    @rule(which=index)
    def kill(self, which: int) -> None:
        self.crew.dead.append(self.crew.workers.pop(which % len(self.crew.workers)))

    @precondition(lambda self: self.used_jobs and self.has_room())
    @rule(which=index, all_lost=st.booleans())
    def spoil_the_queue(self, which: int, *, all_lost: bool) -> None:
        """An old job comes once more, or all that wait are gone."""
        if all_lost:
            payloads = [f"arq:job:{job_id}" for job_id in self.jobs()]
            self.run(self.redis.delete(queue.queue_name(PROVIDER), *payloads))
        else:
            job_id = list(self.used_jobs)[which % len(self.used_jobs)]
            self.take(job_id, self.used_jobs[job_id])

    @precondition(lambda self: self.has_room())
    @rule(which=index, deed=st.sampled_from(["retry", "abandon", "retry", "abandon", "cancel"]))
    def decide(self, which: int, deed: str) -> None:
        act = getattr(actions, f"{deed}_task")
        if deed != "retry" or len(self.seen) < MOST_TASKS:
            self.ask(which, act)

    @precondition(
        lambda self: self.has_room() and any(task.is_terminal for task in self.seen.values())
    )
    @rule(which=index, steps=st.integers(0, 6))
    def have_it_deleted(self, which: int, steps: int) -> None:
        """The wish, which may or may not have come as far as one attempt."""
        self.ask(
            which, deletion.delete_task, [task for task in self.seen.values() if task.is_terminal]
        )
        self.carry_on(self.crew.workers[-1:], min(steps, 1))
        jobs = [job for job in self.jobs() if job.startswith("delete:")]
        if jobs and steps:
            self.take(jobs[-1])
            self.carry_on(self.crew.workers[-1:], steps - 1)

    @rule(
        scope=st.sampled_from([INSTALLATION, INSTALLATION, "anna"]),
        room_for=st.sampled_from([None, None, 0, 1, 2]),
    )
    def set_a_budget(self, room_for: int | None, scope: str = INSTALLATION) -> None:
        if room_for is None:
            self.budgets.pop(scope, None)
        else:
            self.budgets[scope] = room_for * (ACTIVE.expected_cost + input_cost(len(b"four" * 10)))
        self.run(self.store.ledger.set_budgets(self.budgets, self.active))

    @rule(active=st.sampled_from([None, set(), {"anna"}, {"bo"}, {"anna", "bo"}]))
    def change_tokens(self, active: set[str] | None) -> None:
        """Tokens are added, revoked, or not needed; a rotated one is the same here."""
        self.active = active
        self.run(self.store.ledger.set_budgets(self.budgets, self.active))

    @rule(owner=st.sampled_from(["anna", "bo"]))
    def revoke_and_cancel(self, owner: str) -> None:
        if self.active is not None:
            self.active = self.active - {owner}
        self.run(self.store.ledger.remove_owner(owner))
        self.run(cancel_queued(self.store, owner))
        self.crew.wrote()

    @precondition(lambda self: self.account.responses and self.has_room())
    @rule(which=index, response=index)
    def name_a_response(self, which: int, response: int) -> None:
        named = actions.AdoptRequest(response_id=self.response(response))
        self.ask(which, lambda task_id, *by: actions.adopt_response(task_id, named, *by))

    @precondition(lambda self: self.account.responses)
    @rule(response=index)
    def hear_of_a_response(self, response: int) -> None:
        self.run(self.store.enqueue(queue.webhook_job(self.response(response), 1, 0)))

    @precondition(lambda self: self.account.responses)
    @rule(
        response=index,
        end=st.sampled_from(["completed", "incomplete", "failed", "cancelled", "forgotten"]),
        usage=st.sampled_from(USAGES),
    )
    def end_there(self, response: int, end: str, usage: Any) -> None:
        if end == "forgotten":
            self.account.forgotten.add(self.response(response))
        else:
            self.account.end(self.response(response), end, usage)

    # What must hold after every step.

    @invariant()
    def look(self) -> None:
        if self.looked_at == self.crew.writes:
            return
        self.looked_at = self.crew.writes
        try:
            self.run(self.check())
        except AssertionError:
            self.failed = True
            raise

    async def check(self) -> None:
        found = (await self.store.page(status=None, cursor=None, limit=100)).tasks
        for task_id in set(self.seen) - {task.id for task in found}:
            await self.check_deleted(self.seen.pop(task_id))
        async with self.redis.pipeline(transaction=False) as pipe:
            for name in (keys.sweep_queue(PROVIDER), *map(keys.status, Status)):
                pipe.zrange(name, 0, -1, withscores=True)
            for task in found:
                pipe.get(keys.response(task.id))
                pipe.get(keys.response_task(str(task.response_id)))
            due, *rest = await pipe.execute()
        listed, kept = rest[: len(Status)], iter(rest[len(Status) :])
        check_places(found, dict(due), dict(zip(Status, map(dict, listed), strict=True)))
        today = await self.store.ledger.today()
        for task in found:
            self.check_step(self.seen.get(task.id), task)
            self.check_reservation(self.seen.get(task.id), task, today)
            self.check_answer(task, next(kept))
            self.check_response(task, next(kept))
            self.seen[task.id] = task
        await self.check_news(found)
        self.check_receipts()
        await self.check_books(found)
        for paid in self.account.paid.values():
            assert len(paid) == 1, "paid for twice"

    async def check_news(self, found: Sequence[Task]) -> None:
        for event in await Events(self.redis).after(self.last_event, 1_000):
            self.last_event = event.number
            assert event.version == self.versions.get(event.task_id, 0) + 1, "news lost or doubled"
            self.versions[event.task_id] = event.version
            self.last_change[event.task_id] = event.number
            if event.status == "deleted":
                assert self.versions.pop(event.task_id)
                assert event.task_id in self.gone
        assert self.versions == {task.id: task.version for task in found}
        assert dict(await self.store.changed_after(0, 1_000)) == self.last_change

    async def check_deleted(self, task: Task) -> None:
        """It went because a person wished it, and what the receipt says of the provider is so."""
        assert task.deletion_requested_at, "a task was lost"
        with pytest.raises(TaskDeleted) as refused:
            await self.store.load(task.id)
        left = refused.value.tombstone
        assert (left.response_id, left.requested_at) == (
            task.response_id,
            task.deletion_requested_at,
        )
        if left.outcome in (DeletionOutcome.DELETED, DeletionOutcome.ALREADY_GONE):
            gone = self.account.deleted | self.account.forgotten | self.account.recalled
            assert left.response_id in gone
        else:
            assert left.response_id is None
        assert await self.redis.keys(f"backburner:task:{task.id}*") == [], "something is left"
        self.gone[task.id], self.left[task.id] = task, left

    def check_step(self, before: Task | None, task: Task) -> None:
        history = self.histories.setdefault(task.id, [Status.QUEUED])
        if history[-1] is not task.status:
            history.append(task.status)
        if before is None:
            return
        assert task.version - before.version in (0, 1)
        assert task.version > before.version or shown(task) == shown(before), "unseen change"
        if shown(task) == shown(before) and bool(task.watch_until) == bool(before.watch_until):
            assert task.version == before.version, "a quiet change was told"
        if task.status is before.status:
            assert task.generation >= before.generation, "an old chain lives again"
            if task.generation == before.generation:
                assert task.polls - before.polls in (0, 1), "two chains at once"
        assert before.response_id in (None, task.response_id), "a paid response was replaced"
        if before.is_terminal:
            assert task.status is before.status
            assert before.deletion_requested_at in (None, task.deletion_requested_at), (
                "a deletion was forgotten"
            )

    async def check_books(self, found: Sequence[Task]) -> None:
        """All that was spent is in the ledger, once, and what is reserved is that of the tasks."""
        booked: Counter[tuple[str, str]] = Counter()
        for name in await self.redis.keys(f"{keys.spending(PROVIDER)}:*"):
            for field, amount in (await self.redis.hgetall(name)).items():
                figure, what, *_ = field.decode().split(":")
                booked[figure, what] += int(amount)
        expected: Counter[tuple[str, str]] = Counter()
        for task in (*found, *self.gone.values()):
            outcome = outcome_of(task.status, task.error_code)
            if outcome:
                estimate = self.estimate(task)
                expected["tasks", outcome] += 1
                expected["cost", outcome] += task.cost or 0
                expected["estimated", outcome] += estimate or 0
                expected["unpriced", outcome] += estimate is not None
                for scope in (INSTALLATION, task.owner or ""):
                    expected["spent", scope] += (task.cost or 0) + (estimate or 0)
        assert +booked == +expected
        reserved: Counter[str] = Counter()
        for task in found:
            for scope in (INSTALLATION, task.owner or ""):
                reserved[scope] += task.reserved or 0
        held = await self.redis.hgetall(keys.reserved(PROVIDER))
        assert +Counter({name.decode(): int(held[name]) for name in held}) == +reserved
        waiting = {
            f"submit:{task.id}:{task.generation}".encode() for task in found if starved(task)
        }
        assert set(await self.redis.zrange(keys.budget_queue(PROVIDER), 0, -1)) == waiting

    def estimate(self, task: Task) -> int | None:
        """What counts for a task without a price; a deletion is the last to count it."""
        left = self.left.get(task.id)
        if left and left.cost_unknown and task.reserved is not None:
            return task.reserved
        return task.estimated_cost

    def check_reservation(self, before: Task | None, task: Task, today: Today) -> None:
        """It stands as long as the task may cost something; no claim is beyond the budget."""
        assert None in (task.cost, task.estimated_cost), "counted twice"
        under_way = (Status.SUBMITTING, Status.IN_PROGRESS, Status.UNCONFIRMED)
        on_its_way = task.ended_from is Status.SUBMITTING and task.response_id is None
        if task.status in under_way:
            assert task.reserved is not None, "a task may cost what nothing was reserved for"
        elif task.watch_until is None and not on_its_way:
            assert task.reserved is None, "a reservation has leaked"
        claimed = before and before.status is Status.QUEUED and task.status is Status.SUBMITTING
        if not claimed:
            return
        assert task.reserved is not None
        assert task.reserved >= (task.input_cost or 0), "less than the input"
        if task.owner and self.active is not None:
            assert task.owner in self.active, "spent for an owner without a token"
        for allowance in (today.of(INSTALLATION), today.of(task.owner or "")):
            if allowance.budget is not None:
                assert allowance.spent + allowance.reserved <= allowance.budget, "beyond the budget"

    def check_receipts(self) -> None:
        """What is said never to have been sent was not paid for, then or since."""
        for task in self.seen.values():
            receipt = serializers.task_summary(task)["receipt"]
            assert not (receipt and receipt["sent"] == "no" and task.id in self.account.paid)
        for left in self.left.values():
            assert not (left.outcome is DeletionOutcome.NEVER_SENT and left.id in self.account.paid)

    def check_answer(self, task: Task, body: bytes | None) -> None:
        if task.status in (Status.COMPLETED, Status.INCOMPLETE):
            assert body is not None, "ended without its answer"
        if body is not None:
            assert task.is_terminal
            assert self.bodies.setdefault(task.id, body) == body, "an answer was replaced"
            assert orjson.loads(body)["id"] == task.response_id

    def check_response(self, task: Task, owner: bytes | None) -> None:
        if task.response_id:
            assert owner == task.id.encode()
            assert task.response_id in self.account.paid[task.id]

    # What must hold at the end.

    def teardown(self) -> None:
        try:
            if not self.failed:
                self.finish()
                for history in self.histories.values():
                    for before, after in pairwise(history):
                        assert after in TRANSITIONS[before]
        finally:
            self.close()

    def close(self) -> None:
        for left in asyncio.all_tasks(self.loop):
            left.cancel()
        self.turn(50)
        self.run(self.redis.aclose())
        self.loop.close()

    def go_on_all(self) -> None:
        while self.crew.workers:
            self.carry_on(self.crew.workers[:1], 1)

    def finish(self) -> None:
        """Nothing goes wrong any more: then every task ends, or says that it is uncertain."""
        self.account.recover()
        self.budgets.clear()
        self.change_tokens(None)
        for _ in range(60):
            self.go_on_all()
            self.pass_time(20 * MINUTE)
            self.sweep()
            self.go_on_all()
            jobs = self.jobs()
            for job_id in jobs:
                self.take(job_id)
            if not jobs and not self.run(self.redis.zcard(keys.sweep_queue(PROVIDER))):
                break
        for task in self.seen.values():
            assert task.is_terminal or task.status is Status.UNCONFIRMED
            assert task.watch_until is None
            assert task.deletion_requested_at is None
            receipt = serializers.task_summary(task)["receipt"]
            assert receipt is None or receipt["settled"]
            if task.response_id and task.error_code != "poisoned":
                assert self.account.responses[task.response_id]["status"] != RUNNING
        for response_id in self.account.deleted:
            assert self.account.responses[response_id]["status"] != RUNNING
        known = {task.response_id for task in self.seen.values()}
        known |= {left.response_id for left in self.left.values()}
        for response_id in self.told - known:  # its task was deleted while it was being sent
            task_id = self.account.responses[response_id]["metadata"]["task_id"]
            assert self.left[task_id].outcome is DeletionOutcome.UNKNOWN, "a paid id was lost"
        everybody = [*self.seen.values(), *self.gone.values()]
        superseded = [task for task in everybody if task.error_code == "superseded"]
        for task in superseded:
            assert [each.retry_of for each in everybody].count(task.id) == 1

    # How a step is made.

    def ask(
        self,
        which: int,
        request: Callable[..., Coroutine[Any, Any, Any]],
        among: Sequence[Task] = (),
    ) -> None:
        """Send a request about a task, which then is under way; also about a deleted one."""
        asked = among or [*self.seen.values(), *self.gone.values()]
        task_id = asked[which % len(asked)].id
        self.crew.request(lambda store: request(task_id, self.context(store), ANYBODY))
        self.settle()

    def carry_on(self, workers: list[Worker], steps: int, fate: int = 0) -> None:
        for worker in workers:
            for _ in range(steps):
                if worker in self.crew.workers:
                    self.step(worker, fate)
                    self.look()

    def step(self, worker: Worker, fate: int = 0) -> None:
        if worker.stop and not worker.stop.done():
            fates = FATES[worker.kind]
            worker.stop.set_result(fates[fate % len(fates)])
        else:  # it waits for the clock
            self.loop.now += 1
        self.settle()

    def settle(self) -> None:
        """Let everybody come to his next stop."""
        self.turn(20)
        for worker in [each for each in self.crew.workers if each.work.done()]:
            self.crew.workers.remove(worker)
            self.told |= worker.told
            self.failed = worker.work.exception() is not None
            worker.work.result()
            if worker.job:
                self.run(self.redis.zrem(queue.queue_name(PROVIDER), worker.job))

    def has_room(self) -> bool:
        return len(self.crew.workers) < MOST_WORKERS

    def take(self, job_id: str, payload: bytes | None = None) -> None:
        payload = payload or self.run(self.redis.get(f"arq:job:{job_id}"))
        self.used_jobs[job_id] = payload
        function, args, *_ = deserialize_job_raw(payload, deserializer=queue.load)
        self.crew.job(job_id, function, list(args))
        self.settle()

    def jobs(self) -> list[str]:
        name = queue.queue_name(PROVIDER)
        return [job_id.decode() for job_id in self.run(self.redis.zrange(name, 0, -1))]

    def response(self, which: int) -> str:
        return list(self.account.responses)[which % len(self.account.responses)]

    def context(self, store: Store) -> AppContext:
        """What the actions work with; they touch nothing else."""
        parts: dict[str, Any] = dict.fromkeys(field.name for field in fields(AppContext))
        settings = ApiSettings(provider=PROVIDER)
        return ThreadlessContext(
            **parts
            | {
                "settings": settings,
                "store": store,
                "new_task_id": lambda: next(self.ids),
                "token_registry": TokenRegistry(None),
            }
        )

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def turn(self, times: int) -> None:
        async def turn() -> None:
            for _ in range(times):
                await asyncio.sleep(0)

        self.run(turn())


def check_places(
    found: Sequence[Task], due: Mapping[bytes, float], listed: Mapping[Status, Any]
) -> None:
    """The indexes say what the records say, and somebody comes back to every task that waits."""
    for status in Status:
        mine = {task.id.encode(): task.seq for task in found if task.status is status}
        assert listed[status] == mine, "the index of a state is wrong"
    on_its_way = OPEN - {Status.UNCONFIRMED}
    waiting = [
        task.id.encode()
        for task in found
        if task.status in on_its_way
        or task.watch_until
        or task.adopting
        or task.deletion_requested_at
        or (task.ended_from is Status.SUBMITTING and task.response_id is None)
    ]
    assert set(due) == set(waiting), "nobody comes back to it"


def starved(task: Task) -> bool:
    """Whether it waits for the budget."""
    return task.status is Status.QUEUED and task.paused is PauseReason.BUDGET


def shown(task: Task) -> dict[str, Any]:
    """What a reader sees of it, but for what each poll touches."""
    seen = serializers.task_summary(task)
    if waiting := seen["waiting"]:
        seen["waiting"] = waiting["code"], waiting["message"]
    return {name: seen[name] for name in seen.keys() - QUIET}


Machine.TestCase.settings = settings(max_examples=50, stateful_step_count=50, deadline=None)
test_machine = Machine.TestCase
