"""What a person's own end came to at the provider, in one story for programs and for people."""

from typing import Literal

from shared.domain.provider_name import capitalized, provider_name
from shared.domain.states import Status
from shared.domain.task import Task
from shared.domain.tombstone import DeletionOutcome, Tombstone

Sent = Literal["no", "yes", "unknown"]
Cancellation = Literal["not_needed", "pending", "done", "not_done"]

CHARGE = " What it used until then may be charged; the cost is shown here once it is known."


def receipt(task: Task) -> dict[str, object] | None:
    """What is known of a task that we ended ourselves; None for any other.

    ``settled`` once nothing more is being found out about it.
    """
    if task.ended_from is None:
        return None
    sent, cancellation = _sent(task), _cancellation(task)
    return {
        "sent": sent,
        "cancellation": cancellation,
        "provider_status": task.provider_status,
        "cost_usd": None if task.cost is None else task.cost / 1_000_000,
        "settled": cancellation != "pending" and task.watch_until is None,
        "message": _message(task, sent, cancellation),
    }


def deletion_message(tombstone: Tombstone) -> str:
    """What became of a deleted task at the provider."""
    who = provider_name(tombstone.provider)
    match tombstone.outcome:
        case DeletionOutcome.NEVER_SENT:
            return f"{capitalized(who)} never had it."
        case DeletionOutcome.UNKNOWN if tombstone.response_id:
            return (
                f"Whether {who} still has it is not known: the deletion of the response"
                f" {tombstone.response_id} there could not be confirmed. Look it up, and delete it"
                f" if its metadata.task_id is {tombstone.id}."
                + " What it cost is not known."
                * tombstone.cost_unknown
            )
        case DeletionOutcome.UNKNOWN:
            return (
                f"Whether {who} has it is not known, so nothing could be deleted there. If it has,"
                f" its logs show it with metadata.task_id {tombstone.id} and X-Client-Request-Id"
                f" {tombstone.client_request_id or 'unknown'}, and what it costs is charged."
            )
        case DeletionOutcome.DELETED:
            done = f"It was deleted at {who}, which says that it has it no more."
        case DeletionOutcome.ALREADY_GONE:
            earlier = " An earlier attempt to delete it may have reached it." * bool(
                tombstone.attempts
            )
            done = f"{capitalized(who)} says that it has it no more.{earlier}"
    return done + " What it cost is not known." * tombstone.cost_unknown


def _sent(task: Task) -> Sent:
    if task.response_id is not None:
        return "yes"
    return "no" if task.ended_from is Status.QUEUED else "unknown"


def _cancellation(task: Task) -> Cancellation:
    if task.response_id is None:
        match task.ended_from:
            case Status.QUEUED:
                return "not_needed"
            case Status.SUBMITTING:
                return "pending"
            case _:
                return "not_done"
    if not task.cancel_pending:
        return "not_done" if task.cancel_missed else "done"
    return (
        "not_done" if task.watch_until is None and task.deletion_requested_at is None else "pending"
    )


def _message(task: Task, sent: Sent, cancellation: Cancellation) -> str:
    who = provider_name(task.provider)
    if sent == "no":
        return f"{capitalized(who)} never had it, so it cost nothing."
    if sent == "unknown":
        return _uncertain(task, who, cancellation)
    if task.provider_status in ("completed", "incomplete"):
        return f"{capitalized(who)} finished it all the same; {_price(task)}."
    if task.cancel_missed and not task.cancel_pending and task.provider_status != "cancelled":
        return (
            f"{capitalized(who)} says that it does not have it, so nothing was stopped;"
            f" {_price(task)}."
        )
    if task.watch_until is not None or cancellation == "pending":
        return _watching(task, who)
    if task.provider_status in ("cancelled", "failed"):
        done = "has stopped it" if task.provider_status == "cancelled" else "ended it as failed"
        return f"{capitalized(who)} {done}; {_price(task)}."
    if cancellation == "not_done":
        return f"It could not be stopped at {who}{_last_word(task)}; {_price(task)}."
    return f"How {who} ended it is not known{_last_word(task)}; {_price(task)}."


def _uncertain(task: Task, who: str, cancellation: Cancellation) -> str:
    charge = "" if _simulated(task.provider) else ", and its cost with you"
    if cancellation == "pending":
        return f"It was being sent. Should {who} have it, it is asked to stop."
    counted = task.estimated_cost
    instead = "" if counted is None else f" The budget counts {_dollars(counted)} for it."
    return (
        f"Whether {who} has it is not known. An answer, if there is one, stays there{charge}."
        f"{instead}"
    )


def _watching(task: Task, who: str) -> str:
    if task.provider_status == "cancelled":
        return (
            f"{capitalized(who)} has stopped it. Backburner keeps looking for a while, in case it"
            " is finished all the same."
        )
    charge = "" if _simulated(task.provider) else CHARGE
    return f"{capitalized(who)} is asked to stop{_last_word(task)}.{charge}"


def _price(task: Task) -> str:
    if task.cost is None:
        counted = task.estimated_cost
        instead = "" if counted is None else f"; the budget counts {_dollars(counted)}"
        return f"what it cost is not known{instead}"
    if _simulated(task.provider):
        return f"it cost nothing (the real model: about {_dollars(task.cost)})"
    return f"it cost {_dollars(task.cost)}"


def _dollars(micro: int) -> str:
    return f"${micro / 1e6:.{4 if 0 < micro < 10_000 else 2}f}"  # noqa: PLR2004 -- a cent


def _last_word(task: Task) -> str:
    return f"; its last word was “{task.provider_status}”" if task.provider_status else ""


def _simulated(provider: str) -> bool:
    return provider == "simulator"
