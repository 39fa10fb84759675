"""Decides what is wrong from one snapshot; /readyz, /metrics and the log use the same kinds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from shared.domain.errors import StoreRefuses
from shared.domain.model_shutdown import ModelShutdown
from shared.domain.provider_health import ProviderHealth
from shared.domain.provider_name import capitalized, provider_name
from shared.domain.states import Status
from shared.store import Memory, PauseState, StoreStats, TaskCounts
from shared.store.trial import TrialResult

NEARLY_FULL = 0.8
"""Share of its memory limit from which Redis counts as filling up."""

OVERDUE_MS = 120_000
"""Lateness of jobs that is reported; after a worker's death 70 s are normal."""

SLOW_MS = 5_000
"""Median duration of provider calls that is reported."""

MIN_CALLS = 3
"""Provider calls below which its health is not judged."""

MIB = 2**20


class IssueKind(StrEnum):
    """What can be wrong; docs/operations.md says for each what to do."""

    STORE_UNREACHABLE = "store_unreachable"
    STORE_REFUSES = "store_refuses"
    STORE_FULL = "store_full"
    STORE_FILLING = "store_filling"
    NO_POLLER = "no_poller"
    BAD_KEY = "bad_key"
    QUOTA = "quota"
    MODEL_RETIRED = "model_retired"
    PROVIDER_REFUSES = "provider_refuses"
    MODEL_SHUTDOWN = "model_shutdown"
    BUDGET = "budget"
    PROVIDER_FAILING = "provider_failing"
    PROVIDER_SLOW = "provider_slow"
    TASKS_WAITING = "tasks_waiting"
    OVERDUE = "overdue"
    TOKENS = "tokens_unreadable"


BLOCKING = frozenset({IssueKind.STORE_UNREACHABLE, IssueKind.STORE_REFUSES, IssueKind.STORE_FULL})
"""No task can be accepted."""

STALLING = frozenset(
    {
        IssueKind.NO_POLLER,
        IssueKind.BAD_KEY,
        IssueKind.QUOTA,
        IssueKind.MODEL_RETIRED,
        IssueKind.PROVIDER_REFUSES,
    }
)
"""Tasks are accepted, but none is submitted."""

FOR_ADMINS = frozenset({IssueKind.MODEL_SHUTDOWN})
"""Only an admin can do anything about it, and no task is affected yet."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong, with a message for the operator.

    ``says`` is the provider's own sentence, which no log may carry.
    """

    kind: IssueKind
    message: str
    says: str = ""

    @property
    def text(self) -> str:
        """The message with the provider's sentence."""
        return f"{self.message} {self.says}".rstrip()


@dataclass(frozen=True, slots=True)
class HealthSnapshot:
    """The state of the installation at one moment; ``budget`` is our own memory limit in bytes.

    ``problems`` are the codes for which tasks wait, the most frequent first.
    """

    provider: str
    pollers: int
    closed: PauseState | None
    census: TaskCounts
    vitals: StoreStats
    standing: ProviderHealth
    budget: int | None
    problems: Sequence[str] = ()
    shutdown: ModelShutdown | None = None
    trial: TrialResult = field(default_factory=TrialResult)

    @property
    def memory_limit(self) -> int | None:
        """The memory limit of Redis in bytes: its maxmemory if set, else our own."""
        memory = self.vitals.memory
        return (memory and memory.maximum) or self.budget

    @property
    def lag(self) -> int:
        """Lateness in ms of the oldest job, or of the oldest task without one."""
        return max(self.vitals.lag, self.census.overdue)


HIDDEN_CODES = frozenset({"all_missing", "other_account"})

HIDDEN = (
    " Responses in progress are not found there: does OPENAI_API_KEY belong to another project than"
    " before?"
)

STORE_UNREACHABLE = Issue(
    IssueKind.STORE_UNREACHABLE,
    "Redis does not answer: check that it runs and that REDIS_URL reaches it. No accepted task is"
    " lost; new ones are refused.",
)

STORE_LOADING = Issue(
    IssueKind.STORE_UNREACHABLE,
    "Redis is loading its data: wait until it has. No accepted task is lost; new ones are refused.",
)


def find_issues(snapshot: HealthSnapshot) -> list[Issue]:
    """Return what is wrong, causes before their consequences."""
    found = [
        *trial_issues(snapshot.trial),
        _memory(snapshot.vitals.memory, snapshot.memory_limit),
        _no_poller(snapshot),
        _gate(snapshot.closed),
        _shutdown(snapshot.shutdown),
        _budget(snapshot.census.waiting),
        _provider(snapshot.standing, snapshot.provider),
        _waiting(snapshot.problems, snapshot.provider),
        _overdue(snapshot),
    ]
    return [issue for issue in found if issue]


def token_issues(problem: str | None) -> list[Issue]:
    """Return the issue of a tokens file that could not be read again, if there is one."""
    if problem is None:
        return []
    return [
        Issue(
            IssueKind.TOKENS,
            f"The tokens file has changed and {problem}. Correct it; until then the tokens from"
            " before the change stay valid.",
        )
    ]


def trial_issues(result: TrialResult) -> list[Issue]:
    """Return what the store refuses, or why it takes no write, if it does."""
    if result.refused:
        message = f"Redis {StoreRefuses(result.refused).message}"
    elif result.failure:
        message = (
            f"Redis takes or confirms no write ({result.failure}): check its log, its disk and its"
            " replicas."
        )
    else:
        return []
    consequence = "No accepted task is lost; new ones are refused."
    return [Issue(IssueKind.STORE_REFUSES, f"{message} {consequence}")]


def _memory(memory: Memory | None, limit: int | None) -> Issue | None:
    if memory is None or limit is None or memory.used < NEARLY_FULL * limit:
        return None
    share = f"{memory.used / MIB:.0f} of {limit / MIB:.0f} MiB"
    remedy = "Raise its maxmemory, or delete tasks that are no longer needed."
    if memory.maximum and memory.used >= memory.maximum:
        return Issue(
            IssueKind.STORE_FULL,
            f"Redis is full ({share}). {remedy} No accepted task is lost; new ones are refused.",
        )
    return Issue(IssueKind.STORE_FILLING, f"Redis is filling up ({share}). {remedy}")


def _no_poller(snapshot: HealthSnapshot) -> Issue | None:
    if snapshot.pollers:
        return None
    return Issue(
        IssueKind.NO_POLLER,
        "No poller is running: start one. The end of the last one's log says why it stopped.",
    )


def _gate(closed: PauseState | None) -> Issue | None:
    return Issue(IssueKind(closed.reason.value), closed.message, closed.says) if closed else None


def _shutdown(shutdown: ModelShutdown | None) -> Issue | None:
    if shutdown is None or not shutdown.near:
        return None
    return Issue(IssueKind.MODEL_SHUTDOWN, shutdown.message)


def _budget(waiting: int) -> Issue | None:
    if not waiting:
        return None
    # No number: any owner can read this, and must not be able to count the tasks of others.
    return Issue(
        IssueKind.BUDGET,
        "Some tasks wait for a daily budget: the rest of it is reserved for running tasks. Raise"
        " the budget, or wait for the next day (midnight UTC). See /v1/spending.",
    )


def _provider(standing: ProviderHealth, provider: str) -> Issue | None:
    who, status_page = provider_name(provider), _status_page(provider)
    if standing.calls < MIN_CALLS:
        return None
    if standing.failed * 2 > standing.calls:
        return Issue(
            IssueKind.PROVIDER_FAILING,
            f"{standing.failed} of the latest {standing.calls} calls to {who} failed"
            f" ({standing.reason}). Check {status_page} and your proxy; polling continues, and"
            " nothing is submitted twice.",
        )
    if standing.median > SLOW_MS:
        return Issue(
            IssueKind.PROVIDER_SLOW,
            f"{capitalized(who)} is slow: half of the latest {standing.calls} calls took more than"
            f" {standing.median / 1000:.0f} s. Check {status_page} and your proxy.",
        )
    return None


def _waiting(problems: Sequence[str], provider: str) -> Issue | None:
    if not problems:
        return None
    # No number and no message: any owner can read this, and must not learn of the tasks of others.
    return Issue(
        IssueKind.TASKS_WAITING,
        f"{capitalized(provider_name(provider))} refuses some tasks or gives no usable answer about"
        f" them ({', '.join(problems)}). The field `waiting` of each says why and when it is tried"
        f" again.{HIDDEN if HIDDEN_CODES.intersection(problems) else ''}",
    )


def _status_page(provider: str) -> str:
    return "its log" if provider == "simulator" else "status.openai.com"


def _overdue(snapshot: HealthSnapshot) -> Issue | None:
    if snapshot.lag < OVERDUE_MS:
        return None
    late = f"Polls and submissions are {snapshot.lag // 60_000} minutes late: start more pollers"
    if not snapshot.census.tasks[Status.IN_PROGRESS]:
        return Issue(IssueKind.OVERDUE, f"{late}.")
    return Issue(
        IssueKind.OVERDUE,
        f"{late} soon, as the provider may keep an answer for only 10 minutes.",
    )
