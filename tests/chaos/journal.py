"""Everything a chaos run leaves behind, as values: what the audit judges and the report counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.aof_history import History

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Injection:
    """A fault that was carried out, in Unix seconds.

    ``victim`` names the log of the process. ``under_way`` and ``posting`` are how many tasks were
    open and how many POSTs were out when it fell, None where the store could not be asked.
    """

    kind: str
    at: float
    until: float
    victim: str
    fired: bool
    under_way: int | None = None
    posting: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """One poller's grip on one submission; ``until`` is None if it never told the outcome."""

    task_id: str
    poller: str
    since: float
    until: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """``planned`` counts the injections by kind; all else is what was found.

    ``tasks`` are the records at the end, ``accepted`` the ids that a 202 named, ``wanted`` how many
    were handed in, ``seen`` each task's statuses as a client saw them, ``history`` what the
    append-only file has. ``kept`` are the stored answers by task, ``theirs`` the provider's
    objects by response id. ``provider_faults`` are the provider's faults with how often each fired.
    ``deleted`` are the tasks that a client had deleted, with what it was told when it asked again.
    """

    planned: Mapping[str, int]
    wanted: int
    accepted: Sequence[str]
    tasks: Mapping[str, Mapping[str, Any]]
    kept: Mapping[str, bytes]
    theirs: Mapping[str, bytes]
    ledger: Sequence[Entry]
    seen: Mapping[str, Sequence[str]]
    history: Mapping[str, History]
    provider_faults: Sequence[Mapping[str, Any]]
    injections: Sequence[Injection]
    holds: Sequence[Hold]
    unexpected: Sequence[str] = field(default_factory=tuple)
    deleted: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def posts(self, task_id: str) -> list[Entry]:
        """The POSTs of one task, as the provider has them."""
        return [entry for entry in self.ledger if entry["metadata"]["task_id"] == task_id]
