"""The queue's names, job ids and serializer: all that a writer and a worker must agree on."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from arq.constants import expires_extra_ms, health_check_key_suffix, job_key_prefix
from arq.jobs import serialize_job

SUBMIT = "submit"
POLL = "poll"
ADOPT = "adopt"
WEBHOOK = "webhook"
DELETE = "delete"
JOB_LIFE_MS: int = expires_extra_ms
"""How long after its due time a job's payload is kept; the sweep restores what outlives it."""


@dataclass(frozen=True, slots=True)
class Job:
    """A hint to look at a task ``delay`` milliseconds from now; the record stays the truth."""

    id: str
    function: str
    args: Sequence[str | int]
    delay: int

    @property
    def key(self) -> str:
        """Where arq looks for the payload."""
        return f"{job_key_prefix}{self.id}"

    @property
    def payload(self) -> bytes:
        """The job as arq reads it; the enqueue time is only ever logged, so it stays 0."""
        return serialize_job(self.function, tuple(self.args), {}, None, 0, serializer=dump)


def queue_name(provider: str) -> str:
    """Each provider's jobs have a queue of their own, so a task never meets another's worker."""
    return f"backburner:queue:{provider}"


def keys(provider: str, job_id: str) -> Sequence[str]:
    """All keys that a worker of the provider uses besides those of the tasks."""
    queue = queue_name(provider)
    payload = f"{job_key_prefix}{job_id}"
    return queue, rate_key(provider), f"{queue}{health_check_key_suffix}", payload


def rate_key(provider: str) -> str:
    """Where a provider's workers note together how many jobs they take."""
    return f"backburner:rate:{provider}"


def submit_job(task_id: str, generation: int, delay: int) -> Job:
    """Submit a task. A job id that was used once is refused by arq: the generation makes it new."""
    return Job(f"submit:{task_id}:{generation}", SUBMIT, (task_id, generation), delay)


def poll_job(task_id: str, generation: int, number: int, delay: int) -> Job:
    """Poll a task for the ``number``-th time."""
    return Job(f"poll:{task_id}:{generation}:{number}", POLL, (task_id, generation, number), delay)


def adopt_job(task_id: str, generation: int, response_id: str, delay: int) -> Job:
    """Check whether a response is this task's."""
    job_id = f"adopt:{task_id}:{generation}"
    return Job(job_id, ADOPT, (task_id, generation, response_id), delay)


def delete_job(task_id: str, generation: int, attempt: int, delay: int) -> Job:
    """Delete a task at the provider and then here, after ``attempt`` tries in vain."""
    job_id = f"delete:{task_id}:{generation}:{attempt}"
    return Job(job_id, DELETE, (task_id, generation, attempt), delay)


def webhook_job(response_id: str, attempt: int, delay: int) -> Job:
    """Look at a response of which the provider says that it has ended."""
    return Job(f"webhook:{response_id}:{attempt}", WEBHOOK, (response_id, attempt), delay)


def dump(value: object) -> bytes:
    """JSON: with pickle, write access to Redis would be code execution in a worker."""
    return orjson.dumps(value)


def load(payload: bytes) -> dict[str, object]:
    """The other side of ``dump``; raises ValueError on anything but a JSON object."""
    value = orjson.loads(payload)
    if not isinstance(value, dict):
        raise ValueError("a job's payload is a JSON object")  # noqa: TRY004 -- arq drops a job on any error; one kind is enough
    return value
