"""Every kind of change to a task's record, as a value that the store's one script carries out."""

from shared.domain.changes.adoption import adopt, attach_answer, attach_id, refuse_adoption
from shared.domain.changes.change import Change, Field
from shared.domain.changes.deletion import request_deletion, try_deletion_again
from shared.domain.changes.finish import (
    LAST_WORD,
    Ending,
    abandon,
    cancel,
    finish,
    give_up,
    never_taken,
    never_told,
    poison,
    supersede,
)
from shared.domain.changes.polling import poll_again, restart_polling, start
from shared.domain.changes.submission import QUEUED_LATE, claim, doubt, requeue

__all__ = [
    "LAST_WORD",
    "QUEUED_LATE",
    "Change",
    "Ending",
    "Field",
    "abandon",
    "adopt",
    "attach_answer",
    "attach_id",
    "cancel",
    "claim",
    "doubt",
    "finish",
    "give_up",
    "never_taken",
    "never_told",
    "poison",
    "poll_again",
    "refuse_adoption",
    "request_deletion",
    "requeue",
    "restart_polling",
    "start",
    "supersede",
    "try_deletion_again",
]
