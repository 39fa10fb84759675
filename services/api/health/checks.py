"""What is wrong, decided once: /readyz, /metrics and the log all say it with the same word."""

from dataclasses import dataclass
from enum import StrEnum

from redis.exceptions import RedisError

from services.api.dependencies import AppContext
from shared.domain.provider_health import ProviderHealth, merge
from shared.domain.states import Status
from shared.store import Memory, PauseState, StoreStats, TaskCounts

NEARLY_FULL = 0.8
"""The part of its memory from which a store is said to fill up."""

OVERDUE = 120_000
"""Milliseconds by which jobs may be late before anybody is told; a dead worker's take seventy."""

SLOW = 5_000
"""Milliseconds that a provider in good health never needs for half of its answers."""

FEW = 3
"""Calls to the provider that are too few to judge it by."""

MIB = 2**20


class Kind(StrEnum):
    """What can be wrong; docs/operations.md says of each what to do."""

    STORE_AWAY = "store_away"
    STORE_FULL = "store_full"
    STORE_FILLING = "store_filling"
    NO_POLLER = "no_poller"
    BAD_KEY = "bad_key"
    QUOTA = "quota"
    MODEL_RETIRED = "model_retired"
    BUDGET = "budget"
    PROVIDER_FAILING = "provider_failing"
    PROVIDER_SLOW = "provider_slow"
    OVERDUE = "overdue"
    TOKENS = "tokens_unreadable"


STOPPING = frozenset({Kind.STORE_AWAY, Kind.STORE_FULL})
"""No task can be taken."""

WAITING = frozenset({Kind.NO_POLLER, Kind.BAD_KEY, Kind.QUOTA, Kind.MODEL_RETIRED})
"""Tasks are taken, and none is sent."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong, with a sentence for whoever has to mend it."""

    kind: Kind
    message: str


@dataclass(frozen=True, slots=True)
class Condition:
    """How everything stands at one moment; ``budget`` is the store's, in bytes."""

    pollers: int
    closed: PauseState | None
    census: TaskCounts
    vitals: StoreStats
    standing: ProviderHealth
    budget: int | None

    @property
    def memory_limit(self) -> int | None:
        """What the store's memory is measured by: the server's own limit goes before ours."""
        memory = self.vitals.memory
        return (memory and memory.maximum) or self.budget

    @property
    def lag(self) -> int:
        """By how many milliseconds the oldest job, or the oldest task without one, is late."""
        return max(self.vitals.lag, self.census.overdue)


AWAY = Trouble(
    Kind.STORE_AWAY, "The store does not answer; no task is lost, and none can be taken."
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found, without a condition where the store did not answer."""

    condition: Condition | None
    troubles: list[Trouble]

    @property
    def kinds(self) -> frozenset[Kind]:
        """What is wrong, each in a word."""
        return frozenset(trouble.kind for trouble in self.troubles)

    @property
    def detail(self) -> str:
        """All of it in a sentence or a few."""
        messages = [trouble.message for trouble in self.troubles]
        if self.kinds & STOPPING:
            return " ".join(messages)
        state = "wait" if self.kinds & WAITING else "worked on"
        return " ".join([f"Tasks are taken and {state}.", *messages])


async def diagnose(context: AppContext) -> Diagnosis:
    """Look at everything now."""
    tokens = _tokens(context.token_registry.problem)
    try:
        condition = await _look(context)
    except (RedisError, OSError):
        return Diagnosis(None, [AWAY, *tokens])
    return Diagnosis(condition, [*troubles(condition), *tokens])


async def _look(context: AppContext) -> Condition:
    return Condition(
        pollers=len(await context.fleet.alive()),
        closed=await context.gate.pause_state(),
        census=await context.store.counts(),
        vitals=await context.store.stats(),
        standing=merge(await context.fleet.provider_health()),
        budget=context.settings.store_memory_warn_bytes,
    )


def troubles(condition: Condition) -> list[Trouble]:
    """What is wrong, the cause before what follows from it."""
    found = [
        _memory(condition.vitals.memory, condition.memory_limit),
        _nobody(condition),
        _gate(condition.closed),
        _budget(condition.census.waiting),
        _provider(condition.standing),
        _overdue(condition),
    ]
    return [trouble for trouble in found if trouble]


def _memory(memory: Memory | None, limit: int | None) -> Trouble | None:
    if memory is None or limit is None or memory.used < NEARLY_FULL * limit:
        return None
    share = f"{memory.used / MIB:.0f} of {limit / MIB:.0f} MiB"
    remedy = "Give it more memory (maxmemory), or delete tasks that nobody needs."
    if memory.maximum and memory.used >= memory.maximum:
        return Trouble(
            Kind.STORE_FULL,
            f"The store is full ({share}); no task is lost, and none can be taken. {remedy}",
        )
    return Trouble(Kind.STORE_FILLING, f"The store fills up ({share}). {remedy}")


def _nobody(condition: Condition) -> Trouble | None:
    if condition.pollers:
        return None
    return Trouble(Kind.NO_POLLER, "No poller is running: start one; its log says why it ended.")


def _gate(closed: PauseState | None) -> Trouble | None:
    return Trouble(Kind(closed.reason.value), closed.message) if closed else None


def _budget(waiting: int) -> Trouble | None:
    """Without their number: who is told may not count the tasks of others."""
    if not waiting:
        return None
    return Trouble(
        Kind.BUDGET,
        "Some tasks wait for a day's budget: what is left of it is kept for tasks under way. A new"
        " day begins at midnight UTC; /v1/spending says what was spent.",
    )


def _provider(standing: ProviderHealth) -> Trouble | None:
    if standing.calls < FEW:
        return None
    if standing.failed * 2 > standing.calls:
        return Trouble(
            Kind.PROVIDER_FAILING,
            f"OpenAI gave no proper answer to {standing.failed} of the latest {standing.calls}"
            f" calls ({standing.reason}); polling goes on, and nothing is sent twice.",
        )
    if standing.median > SLOW:
        return Trouble(
            Kind.PROVIDER_SLOW,
            f"OpenAI is slow: half of the latest {standing.calls} calls took more than"
            f" {standing.median / 1000:.0f} s.",
        )
    return None


def _tokens(problem: str | None) -> list[Trouble]:
    if problem is None:
        return []
    return [
        Trouble(
            Kind.TOKENS,
            f"The tokens file has changed and {problem}; until that is mended the tokens it had"
            " before go on being valid.",
        )
    ]


def _overdue(condition: Condition) -> Trouble | None:
    if condition.lag < OVERDUE:
        return None
    late = f"Polls and submissions are {condition.lag // 60_000} minutes late"
    if not condition.census.tasks[Status.IN_PROGRESS]:
        return Trouble(Kind.OVERDUE, f"{late}.")
    return Trouble(
        Kind.OVERDUE,
        f"{late}; in some projects OpenAI keeps an answer for only 10 minutes after its end.",
    )
