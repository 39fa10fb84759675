"""The names of everything Backburner keeps in the store (docs/architecture.md lists them)."""

from hashlib import sha256

from shared.states import Status

SEQUENCE = "backburner:sequence"

CHANGES = "backburner:changes"
"""Counts the changes that a reader can see."""

CHANGED = "backburner:changed"
"""All tasks, scored by the number of the last change of each."""

EVENTS = "backburner:events"
"""The latest changes, a bounded stream; the number of each is its id."""


def tasks(owner: str | None = None) -> str:
    """Everybody's tasks or one owner's, by sequence number: newest first is highest first."""
    return f"{_of(owner)}:tasks"


def record(task_id: str) -> str:
    """The hash with everything but the texts."""
    return f"backburner:task:{task_id}"


def conversation(task_id: str) -> str:
    """The conversation handed in, as JSON."""
    return f"backburner:task:{task_id}:input"


def response(task_id: str) -> str:
    """The provider's object, byte for byte."""
    return f"backburner:task:{task_id}:response"


def children(task_id: str) -> str:
    """The tasks that continue or repeat this one, scored by their sequence number."""
    return f"backburner:task:{task_id}:children"


def status(value: Status, owner: str | None = None) -> str:
    """Everybody's tasks in one state or one owner's, scored by their sequence number."""
    return f"{_of(owner)}:status:{value}"


def due(provider: str) -> str:
    """The tasks that the sweep must look at, scored by when."""
    return f"backburner:due:{provider}"


def gate(provider: str) -> str:
    """Why submission waits for everybody, if it does."""
    return f"backburner:gate:{provider}"


def spending(provider: str) -> str:
    """Micro-dollars by day; the field is the number of days since the epoch, in UTC."""
    return f"backburner:spending:{provider}"


def history(provider: str) -> str:
    """Which history the store is in, and how many claims were made in it."""
    return f"backburner:history:{provider}"


def pollers(provider: str) -> str:
    """The pollers that are alive, scored by when they would count as dead."""
    return f"backburner:pollers:{provider}"


def sweep_turn(provider: str) -> str:
    """Held by the one worker that sweeps in this interval."""
    return f"backburner:sweep:{provider}"


def idempotency(key: str, owner: str | None = None) -> str:
    """What an owner's key stands for; hashed, since a client may put anything into it."""
    return f"{_of(owner)}:idempotency:{sha256(key.encode()).hexdigest()}"


def starts(provider: str) -> str:
    """How often a job of a task was started since anything came of one."""
    return f"backburner:starts:{provider}"


def task_of(response_id: str) -> str:
    """The task that a response belongs to; hashed, since the id comes from outside."""
    return f"backburner:response:{sha256(response_id.encode()).hexdigest()}"


def _of(owner: str | None) -> str:
    return "backburner" if owner is None else f"backburner:owner:{owner}"
