"""What can go wrong in the store, named for what happened; none of it knows HTTP."""

from dataclasses import dataclass

from shared.domain.tombstone import Tombstone


class BackburnerError(Exception):
    """The root of the errors that Backburner raises on purpose."""


@dataclass(eq=False)
class TaskNotFound(BackburnerError):
    """No record has this id: it never existed, or the store was emptied."""

    task_id: str


@dataclass(eq=False)
class TaskDeleted(TaskNotFound):
    """The task was deleted; what is left of it is the receipt."""

    tombstone: Tombstone


@dataclass(eq=False)
class IdempotencyKeyReused(BackburnerError):
    """The key already stands for a task with another body."""

    task_id: str


@dataclass(eq=False)
class TooManyOpenTasks(BackburnerError):
    """The installation, or with ``own`` the owner, has as many unfinished tasks as it may."""

    limit: int
    own: bool = False


@dataclass(eq=False)
class TooMuchStored(BackburnerError):
    """The owner's texts would take more than its ``limit`` in bytes."""

    limit: int


@dataclass(eq=False)
class BudgetExceeded(BackburnerError):
    """A day's budget has no room for the task: its day (UTC) ends in ``resets_in`` milliseconds."""

    task_id: str
    resets_in: int


@dataclass(eq=False)
class OwnerWithoutToken(BackburnerError):
    """The task's owner has no valid token, so nothing is spent for it."""

    task_id: str


@dataclass(eq=False)
class WriteNotConfirmed(BackburnerError):
    """The write was taken, but not confirmed to be on disk."""

    task_id: str


@dataclass(eq=False)
class RollbackCheckPending(BackburnerError):
    """Redis was restarted or rolled back, and what it may have lost is not known yet."""

    task_id: str


@dataclass(eq=False)
class MaybeSent(BackburnerError):
    """The task waited when the store was rolled back, so it may have been sent since."""

    task_id: str


@dataclass(eq=False)
class ResponseOfAnotherTask(BackburnerError):
    """The response that the task would get is known as that of another task."""

    task_id: str


@dataclass(eq=False)
class EventsTrimmed(BackburnerError):
    """What came after this number is no longer kept, or the store was set back to before it."""

    number: int


@dataclass(eq=False)
class StoreUnsafe(BackburnerError):
    """The store may lose what it acknowledged; each problem names the line to change."""

    problems: tuple[str, ...]


@dataclass(eq=False)
class StoreRefuses(BackburnerError):
    """The store refuses something that accepting or sending needs; each problem names it."""

    problems: tuple[str, ...]

    @property
    def message(self) -> str:
        """What to say after "the store at REDIS_URL"."""
        return (
            f"refuses what Backburner needs: {'; '.join(self.problems)}."
            " docs/operations.md has the line for its ACL."
        )


@dataclass(eq=False)
class InvalidSetting(BackburnerError):
    """A setting that no process can work with, said in one sentence."""

    message: str


@dataclass(eq=False)
class WebhookEndpointNotFound(BackburnerError):
    """This owner has no webhook endpoint with this id."""

    endpoint_id: str


@dataclass(eq=False)
class WebhookEndpointDisabled(BackburnerError):
    """Nothing is sent to this webhook endpoint."""

    endpoint_id: str


@dataclass(eq=False)
class TooManyWebhookEndpoints(BackburnerError):
    """The owner has ``limit`` webhook endpoints."""

    limit: int


class WebhookSecretUnreadable(BackburnerError):
    """The secret of a webhook endpoint was encrypted with a key that is not here."""
