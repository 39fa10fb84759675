"""Whether the promise was kept, judged from the evidence alone; each breach is one sentence."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from shared.domain.states import TERMINAL, TRANSITIONS, Status
from tests.chaos.aof_history import History
from tests.chaos.journal import Entry, Evidence, Hold
from tests.chaos.plan import POLLER_FROZEN, POLLER_KILLED, POLLER_STOPPED, PROVIDER_KILLED

AMBIGUOUS = frozenset(
    {
        "accept_then_drop",
        "drop",
        "error",
        "accept_then_error",
        "accept_then_hang",
        "hang",
        "broken_json",
        "truncated_body",
        "slow_body",
    }
)
"""The provider's faults that leave open whether it took the task."""

INTERRUPTING = frozenset({POLLER_KILLED, POLLER_FROZEN, POLLER_STOPPED})
"""The injections after which nobody knows what came of a POST that was out."""

MIN_UNDER_WAY = 20


def breaches(evidence: Evidence) -> list[str]:
    """Every way in which the promise was broken, or the run proved nothing; empty if none."""
    checks = (
        _lost,
        _paid_twice,
        _answers,
        _deleted,
        _terminal_for_ever,
        _unexplained,
        _unfired,
        _too_quiet,
    )
    return [*(breach for check in checks for breach in check(evidence)), *evidence.unexpected]


def taken(entry: Entry) -> bool:
    """Whether the provider took a POST, or may have: all but a clear refusal."""
    status = entry["status"]
    return status == "dropped" or status in (408, 409) or not 400 <= status < 500


def ambiguous(evidence: Evidence) -> int:
    """How many of the faults that fired may have left a submission uncertain."""
    spoiled = sum(entry["fault"] in AMBIGUOUS for entry in evidence.ledger)
    injections = sum(
        each.fired and each.kind in {*INTERRUPTING, PROVIDER_KILLED} for each in evidence.injections
    )
    return spoiled + injections


def unconfirmed(evidence: Evidence) -> list[str]:
    """The tasks of which nobody here knows whether the provider has them."""
    return [name for name, task in evidence.tasks.items() if task["status"] == "unconfirmed"]


def explanation(evidence: Evidence, task_id: str) -> str | None:
    """The fault that left a submission uncertain, or None."""
    for entry in evidence.posts(task_id):
        if entry["fault"] in AMBIGUOUS:
            return f"create: {entry['fault']}"
    for hold in evidence.holds:
        if hold.task_id == task_id:
            for each in evidence.injections:
                mine = each.kind in INTERRUPTING and each.victim == hold.poller
                if each.fired and (mine or each.kind == PROVIDER_KILLED) and _during(hold, each.at):
                    return each.kind
    return None


def _during(hold: Hold, moment: float) -> bool:
    return hold.since <= moment and (hold.until is None or moment <= hold.until)


def _lost(evidence: Evidence) -> Iterator[str]:
    if len(set(evidence.accepted)) != evidence.wanted:
        yield f"{evidence.wanted} tasks handed in, {len(set(evidence.accepted))} accepted"
    for task_id in evidence.accepted:
        task = evidence.tasks.get(task_id)
        if task is None and task_id in evidence.deleted:
            continue
        if task is None:
            yield f"lost: {task_id} was accepted and has no record"
        elif task["status"] not in (*TERMINAL, Status.UNCONFIRMED):
            yield f"lost: {task_id} is still {task['status']}"
        elif task["status"] not in (Status.COMPLETED, Status.UNCONFIRMED) and not _handed_back(
            evidence, task_id
        ):
            yield f"lost: {task_id} ended {task['status']} ({task['error']}), unasked"
    for stranger in set(evidence.tasks) - set(evidence.accepted):
        yield f"a record that nobody handed in: {stranger}"


def _handed_back(evidence: Evidence, task_id: str) -> bool:
    """Whether the task says truly that the provider had refused it, known too late to go on."""
    error = evidence.tasks[task_id]["error"] or {}
    nothing_there = not any(taken(entry) for entry in evidence.posts(task_id))
    return error.get("code") == "not_taken" and nothing_there


def _deleted(evidence: Evidence) -> Iterator[str]:
    for task_id, told in evidence.deleted.items():
        outcome = told.get("provider", {}).get("outcome")
        if task_id in evidence.tasks or outcome not in ("deleted", "already_gone"):
            yield f"{task_id} was to be deleted, and is not: {told}"
        elif b"not found" not in told["theirs"]:
            yield f"{task_id} was deleted here, and is there still"


def _paid_twice(evidence: Evidence) -> Iterator[str]:
    sent = Counter(entry["metadata"]["task_id"] for entry in evidence.ledger if taken(entry))
    for task_id, number in sent.items():
        if number > 1:
            yield f"paid twice: {task_id} was POSTed {number} times"
        if task_id not in {*evidence.tasks, *evidence.deleted}:
            yield f"paid for nobody: {task_id}"


def _answers(evidence: Evidence) -> Iterator[str]:
    for task_id, task in evidence.tasks.items():
        if task["status"] != "completed":
            continue
        started = [entry["response_id"] for entry in evidence.posts(task_id) if taken(entry)]
        if started != [task["response_id"]]:
            yield f"{task_id} has the answer {task['response_id']}, but {started} was paid for"
        if evidence.kept.get(task_id) is None:
            yield f"{task_id} is completed and has no answer"
        elif evidence.kept[task_id] != evidence.theirs.get(task["response_id"]):
            yield f"the answer to {task_id} is not the provider's, byte for byte"


def _terminal_for_ever(evidence: Evidence) -> Iterator[str]:
    """Each change as it stands in the append-only file, and what a client saw of it."""
    for task_id, task in evidence.tasks.items():
        history = [Status(word) for word in evidence.history.get(task_id, History()).statuses]
        if not history or history[0] is not Status.QUEUED or history[-1] != task["status"]:
            yield f"the log of {task_id} does not lead to {task['status']}: {history}"
        for before, after in pairwise(history):
            if after not in TRANSITIONS[before]:
                yield f"{task_id} went from {before} to {after}"
        seen = [*evidence.seen.get(task_id, ()), task["status"]]
        for before, after in pairwise(seen):
            if before in TERMINAL and after != before:
                yield f"{task_id} was shown as {before}, later as {after}"


def _unexplained(evidence: Evidence) -> Iterator[str]:
    uncertain = unconfirmed(evidence)
    for task_id in uncertain:
        if explanation(evidence, task_id) is None:
            yield f"unconfirmed without a reason: {task_id} ({evidence.tasks[task_id]['error']})"
    if len(uncertain) >= ambiguous(evidence):
        yield f"{len(uncertain)} unconfirmed, with {ambiguous(evidence)} ambiguous faults"


def _unfired(evidence: Evidence) -> Iterator[str]:
    fired = Counter(each.kind for each in evidence.injections if each.fired)
    for spoiled in evidence.provider_faults:
        fired[f"{spoiled['operation']}: {spoiled['kind']}"] += spoiled["fired"]
    for kind, number in evidence.planned.items():
        if fired[kind] < number:
            yield f"of {number} planned, {fired[kind]} fired: {kind}"


def _too_quiet(evidence: Evidence) -> Iterator[str]:
    kills = [each for each in evidence.injections if each.kind == POLLER_KILLED]
    counts = [each.under_way for each in kills if each.under_way is not None]
    least = min(MIN_UNDER_WAY, evidence.wanted // 3)
    if not counts or min(counts) < least:
        yield f"a kill fell with {min(counts, default=0)} tasks under way; {least} were wanted"
