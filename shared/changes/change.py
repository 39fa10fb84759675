"""What every change of a record is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.queue import Job
from shared.states import Status, may_change
from shared.task import Task

Field = str | int | None


@dataclass(frozen=True, slots=True)
class Change:
    """A compare-and-set: applied only while the record is as ``expect`` says.

    ``at`` are times in milliseconds from the server's now; ``None`` in ``put`` removes the field.
    ``due`` says when the sweep looks at the task should nothing happen before (None: never).
    ``visible`` changes count up the version. ``spend`` is micro-dollars of today. ``progress`` is
    False where the sweep only starts again what was started before.
    """

    task: Task
    after: Status
    expect: Mapping[str, Field]
    put: Mapping[str, Field] = field(default_factory=dict)
    at: Mapping[str, int] = field(default_factory=dict)
    due: int | None = None
    job: Job | None = None
    visible: bool = True
    progress: bool = True
    response: bytes | None = None
    spend: int = 0

    def __post_init__(self) -> None:
        if not may_change(self.before, self.after):
            raise ValueError(f"{self.before} may not become {self.after}")

    @property
    def before(self) -> Status:
        """The state in which the task must still be."""
        return self.task.status
