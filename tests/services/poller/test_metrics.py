"""What a poller does is counted by what came of it, and can be scraped."""

import socket
from typing import Any

import pytest
import structlog
from redis.asyncio import Redis
from structlog.testing import capture_logs

from services.poller import metrics
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.periodic.sweeper import Sweeper
from services.poller.results import CallResult, ConnectFailed, NoReply
from shared import queue
from shared.domain.errors import InvalidSetting
from shared.store import PollerRegistry, Store, SubmissionGate
from tests.services.poller.job_runner import JobRunner
from tests.services.poller.scripted_provider import ScriptedProvider, refused, response
from tests.services.poller.worker.test_batch_worker import build
from tests.shared import tasks


def counted(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(f"backburner_{name}_total", labels) or 0


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        (response("queued"), "submitted"),
        (ConnectFailed("ConnectError"), "retry"),
        (refused(429), "retry"),
        (refused(401), "paused"),
        (refused(403), "retry"),
        (refused(400), "refused"),
        (NoReply("ReadTimeout"), "unconfirmed"),
    ],
)
async def test_submissions(store: Store, jobs: JobRunner, outcome: CallResult, shown: str) -> None:
    task = await tasks.accepted(store)
    before = counted("submissions", outcome=shown)
    await jobs.submit(task, ScriptedProvider(outcome, NoReply("of the preflight")))
    assert counted("submissions", outcome=shown) - before == 1


@pytest.mark.parametrize(
    ("bring", "outcomes", "shown", "deadline"),
    [
        (tasks.in_progress, [response("in_progress")], "running", 10**9),
        (tasks.in_progress, [NoReply("ReadTimeout")], "unanswered", 10**9),
        (tasks.in_progress, [refused(404)], "unanswered", 10**9),
        (tasks.in_progress, [response("completed")], "ended", 10**9),
        (tasks.in_progress, [response("in_progress"), response("cancelled")], "given_up", -1),
        (tasks.watched, [refused(503)], "unanswered", 10**9),
    ],
)
async def test_polls(
    store: Store,
    gate: SubmissionGate,
    bring: Any,
    outcomes: list[CallResult],
    shown: str,
    deadline: int,
) -> None:
    task = await bring(store)
    before = counted("polls", outcome=shown)
    jobs = JobRunner(store, gate, PollPolicy(61_000, deadline))
    with capture_logs() as lines:
        await jobs.poll(task, ScriptedProvider(*outcomes))
    assert counted("polls", outcome=shown) - before == 1
    logged = [line for line in lines if line["event"] == "poll_unanswered"]
    assert bool(logged) is (shown == "unanswered")


async def test_rescues(store: Store, redis: Redis) -> None:
    await tasks.submitting(store, lease=0)
    before = counted("jobs_rescued", status="submitting")
    await Sweeper(store, PollerRegistry(redis, "openai"), 25_000).sweep()
    assert counted("jobs_rescued", status="submitting") - before == 1


async def test_a_job_that_breaks_down_is_counted_and_its_lines_name_its_task(
    redis: Redis,
) -> None:
    async def handler(*_: Any) -> None:
        raise NotImplementedError

    before = counted("jobs_failed", job="poll")
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await build(redis, handler).functions["poll"].coroutine({}, "task_1", 1, 1)
    assert counted("jobs_failed", job="poll") - before == 1
    assert [(line["event"], line["job"], line["task"]) for line in lines] == [
        ("job_failed", queue.POLL, "task_1")
    ]
    structlog.contextvars.clear_contextvars()


def test_a_busy_port_is_an_invalid_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InvalidSetting, match=f"cannot listen on 127.0.0.1:{port}"):
            metrics.serve("127.0.0.1", port)
