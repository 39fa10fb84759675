"""What a chaos run will do and when, all of it drawn from one seed before anything starts."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

POLLER_KILLED = "poller: SIGKILL"
POLLER_FROZEN = "poller: frozen beyond its lease, then resumed"
POLLER_STOPPED = "poller: SIGTERM, then a new one"
API_KILLED = "API: SIGKILL"
STORE_KILLED = "Valkey: SIGKILL, then away"
STORE_FROZEN = "Valkey: frozen"
PROVIDER_KILLED = "provider: SIGKILL"

MEAN_INTERVAL_S = {
    POLLER_KILLED: 3,
    POLLER_FROZEN: 40,
    POLLER_STOPPED: 20,
    API_KILLED: 30,
    STORE_KILLED: 60,
    STORE_FROZEN: 90,
    PROVIDER_KILLED: 60,
}
"""Seconds between two of a kind, on average; each falls at least once."""

DURATION_S = {
    POLLER_KILLED: (0, 0),
    POLLER_FROZEN: (16, 20),
    POLLER_STOPPED: (0, 0),
    API_KILLED: (0, 0),
    STORE_KILLED: (1, 4),
    STORE_FROZEN: (3, 8),
    PROVIDER_KILLED: (0, 1),
}
"""Seconds from the injection to the recovery, at least and at most."""

COOLDOWN_S = {POLLER_KILLED: 3.0, POLLER_STOPPED: 6.0, POLLER_FROZEN: 18.0}
"""Seconds for which another poller is chosen, where one is free."""

ON_CREATE: tuple[dict[str, Any], ...] = (
    {"kind": "accept_then_drop"},
    {"kind": "drop"},
    {"kind": "error", "status": 500},
    {"kind": "error", "status": 409},
    {"kind": "accept_then_error", "status": 502},
    {"kind": "accept_then_hang", "seconds": 8},
    {"kind": "hang", "seconds": 8},
    {"kind": "broken_json"},
    {"kind": "truncated_body"},
    {"kind": "rate_limited", "retry_after": 1},
    {"kind": "slow_body", "seconds": 8},
)
ON_RETRIEVE: tuple[dict[str, Any], ...] = (
    {"kind": "error", "status": 500},
    {"kind": "error", "status": 503},
    {"kind": "drop"},
    {"kind": "hang", "seconds": 5},
    {"kind": "broken_json"},
    {"kind": "truncated_body"},
    {"kind": "rate_limited", "retry_after": 1},
    {"kind": "not_found"},
    {"kind": "slow_body", "seconds": 1},
)

WARM_UP_S = 4.0
"""Seconds before the first fault, in which the opening tasks are handed in."""

OPENING = 60
BURST = 25
"""Tasks handed in at once, with a kill while their POSTs are under way."""

MIN_UNDER_WAY = 40
"""Tasks under way at each kill by plan; some of them will be unconfirmed, so 20 stay."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One injection ``at`` so many seconds into the run, lasting ``seconds``.

    ``target`` is the number of a poller; ``provider_fault`` what the provider spoils.
    """

    at: float
    kind: str
    target: int = 0
    seconds: float = 0
    provider_fault: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run; ``submissions`` are the seconds at which tasks are handed in."""

    seed: int
    seconds: float
    pollers: int
    submissions: Sequence[float]
    faults: Sequence[Fault]

    @property
    def run_seconds(self) -> int:
        """How long the provider works on a task, so that enough are under way at every kill."""
        kills = [fault.at for fault in self.faults if fault.kind == POLLER_KILLED]
        return next(
            run for run in range(10, round(self.seconds) + 60) if self._under_way(kills, run)
        )

    def _under_way(self, moments: Sequence[float], run: int) -> bool:
        enough = min(MIN_UNDER_WAY, len(self.submissions) // 2)
        return all(
            bisect_right(self.submissions, moment) - bisect_left(self.submissions, moment - run)
            >= enough
            for moment in moments
        )


def draw(seed: int, seconds: float, tasks: int, pollers: int) -> Plan:
    """The plan of a seed; the same arguments always give the same plan."""
    random = Random(seed)  # noqa: S311 -- repeatable, and nobody's secret
    bursts = _bursts(random, seconds, tasks)
    submissions = [0.0] * min(OPENING, tasks // 2) + [at for at in bursts for _ in range(BURST)]
    submissions += [random.uniform(0, seconds) for _ in range(tasks - len(submissions))]
    faults = [
        *_process_faults(random, seconds, pollers, bursts),
        *_provider_faults(random, seconds, tasks),
    ]
    return Plan(
        seed, seconds, pollers, sorted(submissions), sorted(faults, key=lambda fault: fault.at)
    )


def _bursts(random: Random, seconds: float, tasks: int) -> list[float]:
    """A third of the tasks comes in bursts."""
    latest = max(seconds * 0.9, WARM_UP_S)
    return [random.uniform(WARM_UP_S, latest) for _ in range(tasks // 3 // BURST)]


def _process_faults(
    random: Random, seconds: float, pollers: int, bursts: Sequence[float]
) -> Iterator[Fault]:
    moments = [(at + 0.8, POLLER_KILLED) for at in bursts]
    for kind, every in MEAN_INTERVAL_S.items():
        number = max(1, round(seconds / every))
        moments += [(random.uniform(WARM_UP_S, seconds), kind) for _ in range(number)]
    free_from = [0.0] * pollers
    for at, kind in sorted(moments):
        target = 0
        if kind in COOLDOWN_S:
            free = [number for number, moment in enumerate(free_from) if moment <= at]
            target = random.choice(free or range(pollers))
            free_from[target] = at + COOLDOWN_S[kind]
        yield Fault(at, kind, target, random.uniform(*DURATION_S[kind]))


def _provider_faults(random: Random, seconds: float, tasks: int) -> Iterator[Fault]:
    """Early enough for later calls to meet them: they wait for the next call of their kind."""
    for operation, provider_faults, number in (
        ("create", ON_CREATE, tasks // 10),
        ("retrieve", ON_RETRIEVE, round(seconds / 5)),
    ):
        for index in range(max(number, len(provider_faults))):
            provider_fault = provider_faults[index % len(provider_faults)]
            at = random.uniform(WARM_UP_S, seconds * 0.8)
            yield Fault(
                at,
                f"{operation}: {provider_fault['kind']}",
                provider_fault=provider_fault | {"operation": operation},
            )
