"""How a record looks outside: to a client, and in an export."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from shared.domain.states import Status
from shared.domain.task import Task
from shared.domain.tombstone import Tombstone
from shared.openai.response import Response
from shared.presentation.models import model_note
from shared.presentation.receipts import deletion_message, receipt


def format_timestamp(milliseconds: int | None) -> str | None:
    """RFC 3339 in UTC, to the millisecond."""
    if milliseconds is None:
        return None
    time = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def task_summary(task: Task) -> dict[str, Any]:
    """The task without its texts."""
    error = {"code": task.error_code, "message": task.error_message or ""}
    return {
        "id": task.id,
        "status": task.status,
        "provider": task.provider,
        "provider_status": task.provider_status,
        "paused": task.paused,
        "waiting": waiting(task),
        "title": task.title,
        "created_at": format_timestamp(task.created_at),
        "submitted_at": format_timestamp(task.submitted_at),
        "completed_at": format_timestamp(task.completed_at),
        "response_id": task.response_id,
        "client_request_id": task.client_request_id,
        "adopting": task.adopting,
        "adoption_refused": task.adoption_refused,
        "parent_id": task.parent_id,
        "retry_of": task.retry_of,
        "answer_kind": task.answer_kind,
        "model": task.answered_model,
        "model_note": model_note(task),
        "usage": task.usage,
        "cost_usd": None if task.cost is None else task.cost / 1_000_000,
        "estimated_cost_usd": (
            None if task.estimated_cost is None else task.estimated_cost / 1_000_000
        ),
        "error": error if task.error_code else None,
        "receipt": receipt(task),
        "deletion": _deletion(task),
        "polls": task.polls,
        "last_polled_at": format_timestamp(task.last_polled_at),
        "next_poll_at": format_timestamp(task.next_poll_at),
        "pinned": task.pinned_at is not None,
        "archived": task.archived_at is not None,
        "unread": task.unread,
        "version": task.version,
    }


def waiting(task: Task) -> dict[str, Any] | None:
    """Why the provider brings the task no further, and when it is tried again; None if it does."""
    if task.problem is None or not task.waits_for_provider:
        return None
    queued = task.status is Status.QUEUED
    return {
        "code": task.problem.code,
        "message": task.problem.message,
        "attempts": task.attempts if queued else task.failed_polls,
        "next_attempt_at": format_timestamp(task.next_attempt_at if queued else task.next_poll_at),
    }


def task_detail(
    task: Task,
    conversation: bytes,
    body: bytes | None,
    parse: Callable[[bytes], Any] = orjson.loads,
) -> dict[str, Any]:
    """The task with its conversation and, where there is one, its answer.

    With ``parse=orjson.Fragment`` orjson copies the conversation into its output as it is.
    """
    response = None if body is None else Response.parse(body)
    return task_summary(task) | {
        "input": parse(conversation),
        "output_text": (response.output_text if response else "") or None,
        "citations": response.citations if response else [],
        "searches": response.searches if response else None,
    }


def deletion_receipt(tombstone: Tombstone) -> dict[str, Any]:
    """The receipt of a deletion."""
    return {
        "id": tombstone.id,
        "deleted_at": format_timestamp(tombstone.deleted_at),
        "requested_at": format_timestamp(tombstone.requested_at),
        "provider": {
            "response_id": tombstone.response_id,
            "outcome": tombstone.outcome,
            "message": deletion_message(tombstone),
        },
        "here": f"nothing but this receipt, until {format_timestamp(tombstone.until)}",
    }


def _deletion(task: Task) -> dict[str, Any] | None:
    if task.deletion_requested_at is None:
        return None
    return {
        "requested_at": format_timestamp(task.deletion_requested_at),
        "attempts": task.deletion_attempts,
        "problem": task.deletion_problem,
    }
