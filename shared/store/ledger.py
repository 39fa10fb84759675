"""What was spent on one provider, what is reserved, what may be spent, and what is usual."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from shared.domain.estimate import Sample, usual_output_cost
from shared.domain.spending import INSTALLATION, TaskOutcome
from shared.domain.task import Task
from shared.store import clock, keys

DAY_MS = 86_400_000

MAX_SAMPLES = 200
"""Ended tasks by which the next ones are judged; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A day's tasks of one owner that ended in one way; ``day`` counts from the epoch, in UTC.

    ``cost`` is micro-dollars that became known on that day, ``tasks`` ended on it, and of
    ``unpriced`` ones nobody knows the cost: ``estimated`` is counted for them.
    """

    day: int
    owner: str | None
    outcome: TaskOutcome
    cost: int
    tasks: int
    unpriced: int
    estimated: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """How one budget stands today, in micro-dollars; a ``budget`` of None is none.

    What is ``spent`` includes the estimates.
    """

    budget: int | None
    spent: int
    reserved: int

    @property
    def left(self) -> int | None:
        """What more may be expected to be spent; None without a budget."""
        return None if self.budget is None else max(self.budget - self.spent - self.reserved, 0)


@dataclass(frozen=True, slots=True)
class Today:
    """Every scope's allowance by its name, at one moment of the store's time in ms."""

    allowances: Mapping[str, Allowance]
    now: int

    @property
    def day(self) -> int:
        """Its number since the epoch, in UTC."""
        return self.now // DAY_MS

    @property
    def ends_in(self) -> int:
        """Milliseconds until the next day begins, in UTC."""
        return DAY_MS - self.now % DAY_MS

    def of(self, scope: str) -> Allowance:
        """An owner's allowance, or everybody's."""
        return self.allowances.get(scope, Allowance(None, 0, 0))


class Ledger:
    """Read here, and written by the scripts; only the budgets are set. Raises redis-py's errors."""

    def __init__(self, redis: Redis, provider: str) -> None:
        self._redis = redis
        self._provider = provider

    async def entries(self, today: int, days: int) -> Sequence[Entry]:
        """Those of that many days, the last of them ``today``, newest first."""
        read = range(today, today - days, -1)
        async with self._redis.pipeline(transaction=False) as pipe:
            for day in read:
                pipe.hgetall(keys.spending(self._provider, day))
            found = await pipe.execute()
        return [
            entry
            for day, fields in zip(read, found, strict=True)
            for entry in _entries(day, fields)
        ]

    async def today(self) -> Today:
        """Where today's budgets stand."""
        now = await clock.now(self._redis)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(keys.budgets(self._provider))
            pipe.hgetall(keys.spending(self._provider, now // DAY_MS))
            pipe.hgetall(keys.reserved(self._provider))
            budgets, fields, reserved = map(_numbers, await pipe.execute())
        spent = {
            name.removeprefix("spent:"): amount
            for name, amount in fields.items()
            if name.startswith("spent:")
        }
        return Today(
            {
                scope: Allowance(budgets.get(scope), spent.get(scope, 0), reserved.get(scope, 0))
                for scope in sorted(budgets.keys() | spent.keys() | reserved.keys())
            },
            now,
        )

    async def samples(self, owner: str | None = None) -> Sequence[Sample]:
        """The latest tasks that the provider ended, everybody's or one owner's, the last first."""
        found = await self._redis.lrange(keys.samples(self._provider, owner), 0, -1)
        return [_sample(entry) for entry in found]

    async def expected_cost(self, task: Task) -> int:
        """Micro-dollars that are kept free for the task before it is sent."""
        own = () if task.owner is None else await self.samples(task.owner)
        usual = usual_output_cost(task.owner, await self.samples(), own)
        return (task.input_cost or 0) + usual

    async def set_budgets(
        self, budgets: Mapping[str, int], owners: Collection[str] | None = None
    ) -> bool:
        """These and no others, in micro-dollars a day, by owner and for INSTALLATION.

        Nothing is spent for an owner who is not among ``owners``; None where nobody needs a token.
        Returns whether anything was written: a store that is full can still be read.
        """
        names = keys.budgets(self._provider), keys.active_owners(self._provider)
        active = set() if owners is None else {INSTALLATION, *owners}
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(names[0])
            pipe.smembers(names[1])
            known, listed = await pipe.execute()
        if _numbers(known) == budgets and {name.decode() for name in listed} == active:
            return False
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(*names)
            if budgets:
                pipe.hset(names[0], mapping=dict(budgets))
            if active:
                pipe.sadd(names[1], *active)
            await pipe.execute()
        return True

    async def remove_owner(self, owner: str) -> None:
        """Have nothing more spent for an owner, until ``set_budgets`` names it."""
        await self._redis.srem(keys.active_owners(self._provider), owner)


def _entries(day: int, fields: Mapping[bytes, bytes]) -> Iterator[Entry]:
    booked: dict[tuple[str, str], dict[str, int]] = {}
    for name, amount in _numbers(fields).items():
        figure, _, rest = name.partition(":")
        outcome, colon, owner = rest.partition(":")
        if colon:
            booked.setdefault((owner, outcome), {})[figure] = amount
    for (owner, outcome), found in sorted(booked.items()):
        figures = [found.get(name, 0) for name in ("cost", "tasks", "unpriced", "estimated")]
        yield Entry(day, owner or None, TaskOutcome(outcome), *figures)


def _numbers(fields: Mapping[bytes, bytes]) -> dict[str, int]:
    return {name.decode(): int(amount) for name, amount in fields.items()}


def _sample(entry: bytes) -> Sample:
    """Before there were owners' samples, a line ended with the time."""
    duration, cost, sent_at, *more = entry.decode().split(" ")
    output_cost, owner = more or (cost, "")
    return Sample(
        int(duration),
        int(cost) if cost else None,
        int(sent_at),
        int(output_cost) if output_cost else None,
        owner or None,
    )
