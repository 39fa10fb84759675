"""Every kind of change to a task's record, as a value that the store's one script carries out."""

from shared.domain.changes.adoption import adopt, attach_answer, attach_response_id, refuse_adoption
from shared.domain.changes.change import Change, Field
from shared.domain.changes.deletion import delete_here_only, request_deletion, retry_deletion
from shared.domain.changes.finish import (
    SENDER_GRACE_MS,
    TaskResult,
    abandon,
    cancel,
    fail,
    finish,
    mark_fate_unknown,
    mark_not_submitted,
    poison,
    supersede,
)
from shared.domain.changes.polling import mark_in_progress, poll_again, restart_polling
from shared.domain.changes.submission import SUBMIT_STALE_MS, claim, mark_unconfirmed, requeue

__all__ = [
    "SENDER_GRACE_MS",
    "SUBMIT_STALE_MS",
    "Change",
    "Field",
    "TaskResult",
    "abandon",
    "adopt",
    "attach_answer",
    "attach_response_id",
    "cancel",
    "claim",
    "delete_here_only",
    "fail",
    "finish",
    "mark_fate_unknown",
    "mark_in_progress",
    "mark_not_submitted",
    "mark_unconfirmed",
    "poison",
    "poll_again",
    "refuse_adoption",
    "request_deletion",
    "requeue",
    "restart_polling",
    "retry_deletion",
    "supersede",
]
