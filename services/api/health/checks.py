"""What is wrong, decided once: /readyz, /metrics and the log all say it with the same word."""

from dataclasses import dataclass
from enum import StrEnum

from redis.exceptions import RedisError

from services.api.dependencies import AppContext
from shared.domain.provider_health import Standing, together
from shared.domain.states import Status
from shared.store import Census, Closed, Memory, Vitals

NEARLY_FULL = 0.8
"""The part of its memory from which a store is said to fill up."""

OVERDUE = 120_000
"""Milliseconds by which jobs may be late before anybody is told; a dead worker's take seventy."""

SLOW = 5_000
"""Milliseconds that a provider in good health never needs for half of its answers."""

MIN_CALLS = 3
"""Calls to the provider that are too few to judge it by."""

MIB = 2**20


class IssueKind(StrEnum):
    """What can be wrong; docs/operations.md says of each what to do."""

    STORE_UNREACHABLE = "store_unreachable"
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


BLOCKING = frozenset({IssueKind.STORE_UNREACHABLE, IssueKind.STORE_FULL})
"""No task can be taken."""

STALLING = frozenset(
    {IssueKind.NO_POLLER, IssueKind.BAD_KEY, IssueKind.QUOTA, IssueKind.MODEL_RETIRED}
)
"""Tasks are taken, and none is sent."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong, with a sentence for whoever has to mend it."""

    kind: IssueKind
    message: str


@dataclass(frozen=True, slots=True)
class HealthSnapshot:
    """How everything stands at one moment; ``budget`` is the store's, in bytes."""

    pollers: int
    closed: Closed | None
    census: Census
    vitals: Vitals
    standing: Standing
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


AWAY = Issue(
    IssueKind.STORE_UNREACHABLE,
    "The store does not answer; no task is lost, and none can be taken.",
)


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What was found, without a snapshot where the store did not answer."""

    snapshot: HealthSnapshot | None
    issues: list[Issue]

    @property
    def kinds(self) -> frozenset[IssueKind]:
        """What is wrong, each in a word."""
        return frozenset(issue.kind for issue in self.issues)

    @property
    def detail(self) -> str:
        """All of it in a sentence or a few."""
        messages = [issue.message for issue in self.issues]
        if self.kinds & BLOCKING:
            return " ".join(messages)
        state = "wait" if self.kinds & STALLING else "worked on"
        return " ".join([f"Tasks are taken and {state}.", *messages])


async def check_health(context: AppContext) -> HealthReport:
    """Look at everything now."""
    tokens = _tokens(context.token_registry.problem)
    try:
        snapshot = await _look(context)
    except (RedisError, OSError):
        return HealthReport(None, [AWAY, *tokens])
    return HealthReport(snapshot, [*find_issues(snapshot), *tokens])


async def _look(context: AppContext) -> HealthSnapshot:
    return HealthSnapshot(
        pollers=len(await context.fleet.alive()),
        closed=await context.gate.closed(),
        census=await context.store.census(),
        vitals=await context.store.vitals(),
        standing=together(await context.fleet.standings()),
        budget=context.settings.store_memory_warn_bytes,
    )


def find_issues(snapshot: HealthSnapshot) -> list[Issue]:
    """What is wrong, the cause before what follows from it."""
    found = [
        _memory(snapshot.vitals.memory, snapshot.memory_limit),
        _no_poller(snapshot),
        _gate(snapshot.closed),
        _budget(snapshot.census.waiting),
        _provider(snapshot.standing),
        _overdue(snapshot),
    ]
    return [issue for issue in found if issue]


def _memory(memory: Memory | None, limit: int | None) -> Issue | None:
    if memory is None or limit is None or memory.used < NEARLY_FULL * limit:
        return None
    share = f"{memory.used / MIB:.0f} of {limit / MIB:.0f} MiB"
    remedy = "Give it more memory (maxmemory), or delete tasks that nobody needs."
    if memory.maximum and memory.used >= memory.maximum:
        return Issue(
            IssueKind.STORE_FULL,
            f"The store is full ({share}); no task is lost, and none can be taken. {remedy}",
        )
    return Issue(IssueKind.STORE_FILLING, f"The store fills up ({share}). {remedy}")


def _no_poller(snapshot: HealthSnapshot) -> Issue | None:
    if snapshot.pollers:
        return None
    return Issue(IssueKind.NO_POLLER, "No poller is running: start one; its log says why it ended.")


def _gate(closed: Closed | None) -> Issue | None:
    return Issue(IssueKind(closed.reason.value), closed.message) if closed else None


def _budget(waiting: int) -> Issue | None:
    """Without their number: who is told may not count the tasks of others."""
    if not waiting:
        return None
    return Issue(
        IssueKind.BUDGET,
        "Some tasks wait for a day's budget: what is left of it is kept for tasks under way. A new"
        " day begins at midnight UTC; /v1/spending says what was spent.",
    )


def _provider(standing: Standing) -> Issue | None:
    if standing.calls < MIN_CALLS:
        return None
    if standing.failed * 2 > standing.calls:
        return Issue(
            IssueKind.PROVIDER_FAILING,
            f"OpenAI gave no proper answer to {standing.failed} of the latest {standing.calls}"
            f" calls ({standing.reason}); polling goes on, and nothing is sent twice.",
        )
    if standing.median > SLOW:
        return Issue(
            IssueKind.PROVIDER_SLOW,
            f"OpenAI is slow: half of the latest {standing.calls} calls took more than"
            f" {standing.median / 1000:.0f} s.",
        )
    return None


def _tokens(problem: str | None) -> list[Issue]:
    if problem is None:
        return []
    return [
        Issue(
            IssueKind.TOKENS,
            f"The tokens file has changed and {problem}; until that is mended the tokens it had"
            " before go on being valid.",
        )
    ]


def _overdue(snapshot: HealthSnapshot) -> Issue | None:
    if snapshot.lag < OVERDUE:
        return None
    late = f"Polls and submissions are {snapshot.lag // 60_000} minutes late"
    if not snapshot.census.tasks[Status.IN_PROGRESS]:
        return Issue(IssueKind.OVERDUE, f"{late}.")
    return Issue(
        IssueKind.OVERDUE,
        f"{late}; in some projects OpenAI keeps an answer for only 10 minutes after its end.",
    )
