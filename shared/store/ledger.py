"""What was spent on one provider, what is reserved, what may be spent, and what is usual."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from shared.domain.estimate import Sample
from shared.domain.spending import TaskOutcome
from shared.store import clock, keys

DAY_MS = 86_400_000

MAX_SAMPLES = 200
"""Ended tasks by which the next ones are judged; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A day's tasks of one owner that ended in one way; ``day`` counts from the epoch, in UTC.

    ``cost`` is micro-dollars that became known on that day, ``tasks`` ended on it, and of
    ``unpriced`` ones nobody knew the cost.
    """

    day: int
    owner: str | None
    outcome: TaskOutcome
    cost: int
    tasks: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """How one budget stands today, in micro-dollars; a ``budget`` of None is none."""

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

    async def samples(self) -> Sequence[Sample]:
        """The latest tasks that the provider ended, the last one first."""
        found = await self._redis.lrange(keys.samples(self._provider), 0, -1)
        return [_sample(entry) for entry in found]

    async def set_budgets(self, budgets: Mapping[str, int]) -> bool:
        """These and no others, in micro-dollars a day, by owner and for EVERYBODY.

        Returns whether anything was written: a store that is full can still be read.
        """
        name = keys.budgets(self._provider)
        if _numbers(await self._redis.hgetall(name)) == budgets:
            return False
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(name)
            if budgets:
                pipe.hset(name, mapping=dict(budgets))
            await pipe.execute()
        return True


def _entries(day: int, fields: Mapping[bytes, bytes]) -> Iterator[Entry]:
    figures: dict[tuple[str, str], dict[str, int]] = {}
    for name, amount in _numbers(fields).items():
        figure, _, rest = name.partition(":")
        outcome, colon, owner = rest.partition(":")
        if colon:
            figures.setdefault((owner, outcome), {})[figure] = amount
    for (owner, outcome), found in sorted(figures.items()):
        cost, tasks, unpriced = (found.get(name, 0) for name in ("cost", "tasks", "unpriced"))
        yield Entry(day, owner or None, TaskOutcome(outcome), cost, tasks, unpriced)


def _numbers(fields: Mapping[bytes, bytes]) -> dict[str, int]:
    return {name.decode(): int(amount) for name, amount in fields.items()}


def _sample(entry: bytes) -> Sample:
    duration, cost, sent_at = entry.split(b" ")
    return Sample(int(duration), int(cost) if cost else None, int(sent_at))
