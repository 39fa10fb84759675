"""A chaos run as a Markdown table, and its place in docs/reliability.md."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from tests.chaos.audit import ambiguous, explanation, taken, unconfirmed
from tests.chaos.journal import Evidence
from tests.chaos.plan import POLLER_KILLED, STORE_FROZEN, STORE_KILLED, Plan

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
END = "<!-- end of the chaos runs -->"


def table(plan: Plan, evidence: Evidence, breaches: list[str]) -> str:
    """Every figure of the run; what broke the promise comes last."""
    size = f"{plan.seconds / 60:g} minutes, {evidence.wanted} tasks, {plan.pollers} pollers"
    rows = [
        f"### Seed {plan.seed}: {size}",
        "",
        "| what | figure |",
        "|---|---|",
        *(f"| {what} | {figure} |" for what, figure in _figures(plan, evidence).items()),
        f"| **breaches of the promise** | **{len(breaches)}** |",
        "",
        "| fault | planned | fired |",
        "|---|---|---|",
        *(f"| {kind} | {planned} | {fired} |" for kind, planned, fired in _faults(evidence)),
        "",
    ]
    return "\n".join([*rows, *(f"- BREACH: {breach}" for breach in breaches)])


def _figures(plan: Plan, evidence: Evidence) -> dict[str, object]:
    ends = Counter(task["status"] for task in evidence.tasks.values())
    sent = Counter(entry["metadata"]["task_id"] for entry in evidence.ledger if taken(entry))
    kills = [each for each in evidence.injections if each.kind == POLLER_KILLED and each.fired]
    under_way = [each.under_way for each in kills if each.under_way is not None]
    posting = [each.posting for each in kills if each.posting is not None]
    reasons = Counter(explanation(evidence, name) or "none" for name in unconfirmed(evidence))
    return {
        "tasks accepted (202)": len(set(evidence.accepted)),
        "of these without a record at the end, or still open: lost": sum(
            evidence.tasks.get(name, {"status": "queued"})["status"]
            in ("queued", "submitting", "in_progress")
            for name in set(evidence.accepted) - set(evidence.deleted)
        ),
        "answered, then deleted at the provider and here": len(evidence.deleted),
        "POSTs that the provider took or may have taken": sum(sent.values()),
        "tasks POSTed more than once: paid twice": sum(number > 1 for number in sent.values()),
        "tasks by their end": _listed(ends),
        "`unconfirmed`, by the fault that explains it": _listed(reasons) or "none",
        "faults that may leave a submission uncertain": ambiguous(evidence),
        "SIGKILLs of a poller": f"{len(kills)}, one every {_mean_gap(plan, len(kills))} s",
        "tasks under way when one fell (fewest, median)": _spread(under_way),
        "POSTs out when one fell (median, most)": _spread(posting, top=True),
        "kills with 20 POSTs or more out": sum(number >= 20 for number in posting),
        "changes of state in the store's log": sum(
            len(history.statuses) for history in evidence.history.values()
        ),
        "polls noted": sum(len(history.polls) for history in evidence.history.values()),
        "longest time between two polls of a task": f"{_longest_gap(evidence):.1f} s",
        "from Valkey's return to the first poll noted (median, most)": (
            f"{_spread(_first_polls(evidence), top=True)} s"
        ),
    }


def _faults(evidence: Evidence) -> list[tuple[str, int, int]]:
    fired = Counter(each.kind for each in evidence.injections if each.fired)
    for spoiled in evidence.provider_faults:
        fired[f"{spoiled['operation']}: {spoiled['kind']}"] += spoiled["fired"]
    return [(kind, number, fired[kind]) for kind, number in sorted(evidence.planned.items())]


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {word}" for word, number in counts.most_common())


def _spread(numbers: Sequence[float], *, top: bool = False) -> str:
    ordered = sorted(numbers) or [0]
    middle = ordered[len(ordered) // 2]
    return f"{middle}, {ordered[-1]}" if top else f"{ordered[0]}, {middle}"


def _longest_gap(evidence: Evidence) -> float:
    """The worst that any fault did to the watching of a task; the interval is part of it."""
    return max(
        (
            after - before
            for history in evidence.history.values()
            for before, after in pairwise(history.polls)
        ),
        default=0,
    )


def _first_polls(evidence: Evidence) -> list[float]:
    """Seconds from each return of the store to the first poll of any task."""
    polls = sorted(poll for history in evidence.history.values() for poll in history.polls)
    return [
        round(next((poll - each.until for poll in polls if poll >= each.until), 0.0), 1)
        for each in evidence.injections
        if each.kind in (STORE_KILLED, STORE_FROZEN)
    ]


def _mean_gap(plan: Plan, kills: int) -> str:
    return f"{plan.seconds / max(kills, 1):.1f}"


def publish(plan: Plan, text: str, page: Path = PAGE) -> None:
    """Put the run on the page, in place of an earlier one of the same seed and length."""
    name = f"<!-- chaos {plan.seed} {plan.seconds:g} -->"
    block = f"{name}\n{text}\n"
    shown = page.read_text()
    earlier = re.compile(rf"{re.escape(name)}\n.*?(?=<!-- )", re.DOTALL)
    if earlier.search(shown):
        page.write_text(earlier.sub(lambda _: block, shown))
    else:
        page.write_text(shown.replace(END, block + END))
