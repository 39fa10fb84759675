"""Collects the state of the installation for one health check."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from redis.exceptions import BusyLoadingError, NoPermissionError, RedisError

from services.api.dependencies import AppContext
from services.api.health.issues import (
    BLOCKING,
    STALLING,
    STORE_LOADING,
    STORE_UNREACHABLE,
    HealthSnapshot,
    Issue,
    IssueKind,
    find_issues,
    token_issues,
    trial_issues,
)
from shared.domain.provider_health import merge
from shared.store import keys
from shared.store.rights import refusals
from shared.store.trial import TrialResult

MAX_WAITING_READ = 100
"""Waiting tasks that are read for one check, longest first."""

MAX_PROBLEMS = 3
"""Different codes that are named."""


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The issues found; ``snapshot`` is None if Redis did not answer."""

    snapshot: HealthSnapshot | None
    issues: list[Issue]

    @property
    def kinds(self) -> frozenset[IssueKind]:
        """The kinds of the issues."""
        return frozenset(issue.kind for issue in self.issues)

    def without(self, kinds: Collection[IssueKind]) -> "HealthReport":
        """The same without these kinds."""
        return replace(self, issues=[each for each in self.issues if each.kind not in kinds])

    @property
    def detail(self) -> str:
        """All messages in a sentence or a few."""
        messages = [issue.text for issue in self.issues]
        if self.kinds & BLOCKING:
            return " ".join(messages)
        state = "wait" if self.kinds & STALLING else "processed"
        return " ".join([f"Tasks are accepted and {state}.", *messages])


async def check_health(context: AppContext) -> HealthReport:
    """Check everything now."""
    tokens = token_issues(context.token_registry.problem)
    try:
        snapshot = await _snapshot(context)
    except NoPermissionError as error:
        known = context.trial.result.refused if context.trial else ()
        refused = known or refusals([(f"{keys.PREFIX}*", error)])
        return HealthReport(None, [*trial_issues(TrialResult(refused)), *tokens])
    except BusyLoadingError:
        return HealthReport(None, [STORE_LOADING, *tokens])
    except (RedisError, OSError):
        return HealthReport(None, [STORE_UNREACHABLE, *tokens])
    return HealthReport(snapshot, [*find_issues(snapshot), *tokens])


async def _snapshot(context: AppContext) -> HealthSnapshot:
    waiting = await context.store.waiting_for_provider(MAX_WAITING_READ)
    problems = Counter(task.problem_code for task in waiting if task.problem_code)
    return HealthSnapshot(
        provider=context.settings.provider,
        pollers=len(await context.fleet.alive()),
        closed=await context.gate.pause_state(),
        census=await context.store.counts(),
        vitals=await context.store.stats(),
        standing=merge(await context.fleet.provider_health()),
        budget=context.settings.store_memory_warn_bytes,
        problems=[code for code, _ in problems.most_common(MAX_PROBLEMS)],
        shutdown=await context.fleet.model_shutdown(),
        trial=context.trial.result if context.trial else TrialResult(),
    )
