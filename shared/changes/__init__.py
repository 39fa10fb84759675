"""Every kind of change to a task's record, as a value that the store's one script carries out."""

from shared.changes.adoption import adopt, attach_answer, attach_id, refuse_adoption
from shared.changes.change import Change, Field
from shared.changes.ending import Ending, abandon, cancel, finish, give_up, poison, supersede
from shared.changes.polling import poll_again, restart_polling, start
from shared.changes.submission import QUEUED_LATE, claim, doubt, requeue

__all__ = [
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
    "poison",
    "poll_again",
    "refuse_adoption",
    "requeue",
    "restart_polling",
    "start",
    "supersede",
]
