"""The names of everything Backburner keeps in the store (docs/architecture.md lists them)."""

from hashlib import sha256

from shared.domain.states import Status

PREFIX = "backburner:"
"""Everything but the jobs of arq begins with it, so that one pattern grants access to it."""

TRIAL = "backburner:trial"
"""What a trial of the store writes and deletes begins with it."""

SEQUENCE = "backburner:sequence"

STORE = "backburner:store"
"""The random name of this store, by which what is derived from it knows another one."""

SCHEMA_VERSION = "backburner:layout"
"""The version that the records of the whole store have been brought to."""

CURSOR_KEY = "backburner:seal"
"""The key under which cursors of lists and event streams are encrypted."""

CHANGE_COUNTER = "backburner:change_counter"
"""Counts the changes that a reader can see."""

CHANGE_INDEX = "backburner:change_index"
"""All tasks, also those in DELETED, scored by the number of the last change of each."""

STORED_BYTES = "backburner:stored_bytes"
"""The hash of how many bytes of texts are kept for each owner, as they are stored."""

EVENTS = "backburner:events"
"""The latest changes, a bounded stream; the number of each is its id."""

DELETED = "backburner:deleted"
"""The deleted tasks of which a receipt is kept, scored by when it goes."""

PRUNED_UPTO = "backburner:changes_pruned_upto"
"""The number of the last deletion that is no longer among the changes."""


WEBHOOK_ENDPOINT = "backburner:webhook_endpoint"
"""What the names of a webhook endpoint's keys begin with."""

WEBHOOK_QUEUE = "backburner:webhook_queue"
"""The webhook endpoints to which something must be sent, scored by when."""


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


def tombstone(task_id: str) -> str:
    """The hash that is left of a deleted task."""
    return f"backburner:tombstone:{task_id}"


def children(task_id: str) -> str:
    """The tasks that continue or repeat this one, scored by their sequence number."""
    return f"backburner:task:{task_id}:children"


def status(value: Status, owner: str | None = None) -> str:
    """Everybody's tasks in one state or one owner's, scored by their sequence number."""
    return f"{_of(owner)}:status:{value}"


def presets(owner: str | None = None) -> str:
    """The hash of an owner's saved instructions."""
    return f"{_of(owner)}:presets"


def pins(owner: str | None = None) -> str:
    """Everybody's pinned tasks or one owner's, scored by their sequence number."""
    return f"{_of(owner)}:pins"


def webhook_endpoints(owner: str | None = None) -> str:
    """An owner's webhook endpoints, scored by when they were created."""
    return f"{_of(owner)}:webhook_endpoints"


def webhook_endpoint(endpoint_id: str) -> str:
    """The hash of one webhook endpoint."""
    return f"{WEBHOOK_ENDPOINT}:{endpoint_id}"


def webhook_pending(endpoint_id: str) -> str:
    """The events that an endpoint has not confirmed, scored by when each is sent next."""
    return f"{webhook_endpoint(endpoint_id)}:pending"


def webhook_events(endpoint_id: str) -> str:
    """The hash of what these events say."""
    return f"{webhook_endpoint(endpoint_id)}:events"


def webhook_attempts(endpoint_id: str) -> str:
    """The hash of how often each of these events was sent."""
    return f"{webhook_endpoint(endpoint_id)}:attempts"


def webhook_log(endpoint_id: str) -> str:
    """The latest deliveries to an endpoint, the last one first."""
    return f"{webhook_endpoint(endpoint_id)}:log"


def sweep_queue(provider: str) -> str:
    """The tasks that the sweep must look at, scored by when."""
    return f"backburner:sweep_queue:{provider}"


def submission_gate(provider: str) -> str:
    """Why submission waits for everybody, if it does."""
    return f"backburner:submission_gate:{provider}"


def spending(provider: str, day: int | None = None) -> str:
    """The hash of one day since the epoch (UTC); what all their names begin with, without a day."""
    name = f"backburner:spending:{provider}"
    return name if day is None else f"{name}:{day}"


def reserved(provider: str) -> str:
    """Micro-dollars that tasks under way are expected to cost, by owner and in all."""
    return f"backburner:reserved:{provider}"


def budgets(provider: str) -> str:
    """Micro-dollars a day that may be spent, by owner and in all."""
    return f"backburner:budgets:{provider}"


def active_owners(provider: str) -> str:
    """The owners with a valid token, and INSTALLATION; missing where nobody needs a token."""
    return f"backburner:active_owners:{provider}"


def waiting(provider: str) -> str:
    """The open tasks that the provider brings no further, scored by since when."""
    return f"backburner:waiting:{provider}"


def budget_queue(provider: str) -> str:
    """The jobs of the tasks that wait for the budget, by their task's sequence number."""
    return f"backburner:budget_queue:{provider}"


def samples(provider: str, owner: str | None = None) -> str:
    """The latest tasks that the provider ended, the last one first; everybody's or one owner's."""
    return f"{_of(owner)}:samples:{provider}"


def epoch(provider: str) -> str:
    """Which history the store is in, and how many claims were made in it."""
    return f"backburner:epoch:{provider}"


def pollers(provider: str) -> str:
    """The pollers that are alive, scored by when they would count as dead."""
    return f"backburner:pollers:{provider}"


def provider_health(provider: str, poller: str) -> str:
    """How a poller's latest calls to the provider went."""
    return f"backburner:provider_health:{provider}:{poller}"


def model_shutdown(provider: str) -> str:
    """The hash of the days on which the provider will end models, by the name of the model."""
    return f"backburner:model_shutdown:{provider}"


def notification_channels(provider: str) -> str:
    """The channels that the operator has set for messages to people, without their addresses."""
    return f"backburner:notifications:{provider}:channels"


def notification_progress(provider: str, channel: str) -> str:
    """Up to which change a channel has its messages, and how the latest went."""
    return f"backburner:notifications:{provider}:progress:{channel}"


def notification_told(provider: str, channel: str) -> str:
    """What was sent to a channel, scored by when that may be forgotten."""
    return f"backburner:notifications:{provider}:told:{channel}"


def notification_lease(provider: str, channel: str) -> str:
    """Held by the one poller that serves this channel."""
    return f"backburner:notifications:{provider}:lease:{channel}"


def sweep_lease(provider: str) -> str:
    """Held by the one worker that sweeps in this interval."""
    return f"backburner:sweep:{provider}"


def idempotency(key: str, owner: str | None = None) -> str:
    """What an owner's key stands for; hashed, since a client may put anything into it."""
    return f"{_of(owner)}:idempotency:{sha256(key.encode()).hexdigest()}"


def same_body(body_hash: str, owner: str | None = None) -> str:
    """The newest task that an owner's request with this body, but without a key, created."""
    return f"{_of(owner)}:same_body:{body_hash}"


def job_starts(provider: str) -> str:
    """How often a job of a task was started since anything came of one."""
    return f"backburner:job_starts:{provider}"


def response_task(response_id: str) -> str:
    """The task that a response belongs to; hashed, since the id comes from outside."""
    return f"backburner:response:{sha256(response_id.encode()).hexdigest()}"


def _of(owner: str | None) -> str:
    return "backburner" if owner is None else f"backburner:owner:{owner}"
