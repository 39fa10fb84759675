"""Wires one poller process and runs it until it is stopped."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress

import structlog
import uvloop
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.poller import metrics, startup_check
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.jobs.adopt import AdoptJob
from services.poller.jobs.delete import DeleteJob
from services.poller.jobs.poll import PollJob
from services.poller.jobs.submit import SubmitJob
from services.poller.notifications.wiring import load_notifications
from services.poller.periodic.heartbeat import Heartbeat
from services.poller.periodic.loop import INTERVAL_S, run_periodically
from services.poller.periodic.retention import Exporter, Retention
from services.poller.periodic.rollback_check import RollbackCheck
from services.poller.periodic.shutdown_watch import INTERVAL_S as SHUTDOWN_INTERVAL_S
from services.poller.periodic.shutdown_watch import ShutdownWatch
from services.poller.periodic.sweeper import Sweeper
from services.poller.provider.client import Provider
from services.poller.provider.network_settings import check_network_settings
from services.poller.results import MAX_BODY_BYTES
from services.poller.settings import PollerSettings
from services.poller.store_clock import StoreClock
from services.poller.webhooks.turns import INTERVAL_S as WEBHOOK_INTERVAL_S
from services.poller.webhooks.turns import WebhookTurns, make_webhook_turns
from services.poller.worker import batch_worker
from services.poller.worker.runner import run_worker
from shared import queue
from shared.runtime import logs, tracing
from shared.runtime.cancellation import cancel_and_wait
from shared.runtime.ids import new_token
from shared.store import EpochMarkStore, PollerRegistry, Store, StoreEpoch, SubmissionGate
from shared.store.connection import connection_pool
from shared.store.migrations import migrate
from shared.store.replicas import Replicas
from shared.store.requirements import require_safe
from shared.store.trial import INTERVAL_S as TRIAL_INTERVAL_S
from shared.store.trial import StoreTrial
from shared.version import VERSION

JOB_TIMEOUT_S = 60
"""Longer than the longest call to the provider and its two writes to Redis."""

STARTUP_TIMEOUT_S = 2.5
"""Limit for the first reply of Redis. A supervisor restarts the poller."""

HEALTH_INTERVAL_S = 5.0
"""Interval at which the health of the provider is published."""

log = structlog.get_logger("services.poller")


def local_clock() -> int:
    """This machine's time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


async def main(
    settings: PollerSettings,
    make_store: Callable[..., Store] = Store,
    make_provider: Callable[..., Provider] = Provider,
    local: Callable[[], int] = local_clock,
    make_turns: Callable[..., WebhookTurns] = make_webhook_turns,
) -> None:
    """Run one poller until SIGTERM or SIGINT."""
    async with AsyncExitStack() as resources:
        await _run(
            settings, make_store, make_provider, local, make_turns=make_turns, resources=resources
        )


async def _run(
    settings: PollerSettings,
    make_store: Callable[..., Store],
    make_provider: Callable[..., Provider],
    local: Callable[[], int],
    *,
    make_turns: Callable[..., WebhookTurns],
    resources: AsyncExitStack,
) -> None:
    """The same; ``resources`` are closed however it ends."""
    notifications = load_notifications(settings.notifications_file)
    url = settings.redis_url.get_secret_value()
    confirm = await _check_store(url, settings)
    stop = _stop_on_signals()
    pool = connection_pool(url, retries=60, timeout=5)
    resources.push_async_callback(pool.aclose)
    redis = Redis(connection_pool=pool)
    resources.push_async_callback(redis.aclose)
    await migrate(redis)
    high_water = EpochMarkStore(settings.data_dir, settings.provider)
    store = make_store(
        redis,
        settings.provider,
        confirm=confirm,
        min_replicas=settings.replica_floor,
        high_water=high_water,
    )
    gate = SubmissionGate(redis, settings.provider)
    fleet = PollerRegistry(redis, settings.provider)
    policy = PollPolicy(round(settings.poll_interval * 1000), round(settings.deadline * 1000))
    provider = make_provider(
        settings.openai_api_key.get_secret_value(),
        settings.openai_base_url,
        submit_timeout=settings.submit_timeout,
        poll_timeout=settings.poll_timeout,
    )
    resources.push_async_callback(provider.close)
    lease_ms = round((settings.submit_timeout + 10) * 1000)
    submission = SubmitJob(store, gate, provider, policy, lease_ms, new_token, time.monotonic)
    polling = PollJob(store, gate, provider, policy)
    adoption = AdoptJob(store, provider, polling, policy)
    deletion = DeleteJob(store, gate, provider)
    turns = make_turns(redis, settings.webhook_keys, settings.webhook_policy)
    resources.push_async_callback(turns.stop)
    clock = StoreClock(local)
    name = f"{socket.gethostname()}:{os.getpid()}"
    retention = _retention(settings, store, clock)
    heartbeat = Heartbeat(name, fleet, clock)
    sweeper = Sweeper(store, fleet, policy.stale_after_ms, retention)
    rollback_check = RollbackCheck(
        name, store, StoreEpoch(redis, settings.provider, new_token), high_water
    )

    # In a task of its own: otherwise its provider_request_id would stay in the log context.
    await asyncio.create_task(startup_check.check(provider, gate, store, settings.provider))
    await rollback_check.run()
    await heartbeat.run()
    await sweeper.run()

    trial = StoreTrial(
        redis, settings.provider, Replicas(settings.replica_floor) if confirm else None
    )

    async def publish_health() -> None:
        await fleet.publish_health(name, provider.monitor.health())

    if settings.metrics_port:
        metrics.serve(settings.metrics_host, settings.metrics_port)
    periodic = [
        asyncio.create_task(run_periodically(run, interval_s))
        for run, interval_s in (
            (heartbeat.run, INTERVAL_S),
            (sweeper.run, INTERVAL_S),
            (rollback_check.run, INTERVAL_S),
            (publish_health, HEALTH_INTERVAL_S),
            (trial.run, TRIAL_INTERVAL_S),
            (turns.run, WEBHOOK_INTERVAL_S),
            (ShutdownWatch(provider, fleet).run, SHUTDOWN_INTERVAL_S),
            *notifications.periodic(name, redis, store, gate, fleet),
        )
    ]
    log.info(
        "poller_started",
        poller=name,
        provider=settings.provider,
        poll_interval_s=settings.poll_interval,
        version=VERSION,
    )
    try:
        await run_worker(
            lambda: batch_worker.build(
                pool,
                settings.provider,
                {
                    queue.SUBMIT: submission.submit,
                    queue.POLL: polling.poll,
                    queue.ADOPT: adoption.adopt,
                    queue.WEBHOOK: adoption.handle_webhook,
                    queue.DELETE: deletion.delete,
                },
                max_jobs=settings.concurrency,
                timeout=JOB_TIMEOUT_S,
                rate=settings.requests_per_second,
                wait=lambda: batch_worker.poll_delay(heartbeat.pollers),
            ),
            stop,
            drain_s=settings.submit_timeout + 5,
        )
    finally:
        await cancel_and_wait(*periodic)
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(STARTUP_TIMEOUT_S):
                await fleet.leave(name)
    log.info("poller_stopped", poller=name)


async def _check_store(url: str, settings: PollerSettings) -> bool:
    """Whether the store can confirm writes. Raises StoreUnsafe, StoreRefuses, redis-py's errors."""
    pool = connection_pool(url, retries=0, timeout=STARTUP_TIMEOUT_S)
    async with Redis.from_pool(pool) as redis:
        confirm = await require_safe(redis, unsafe_accepted=settings.allow_unsafe_store)
        replicas = Replicas(settings.replica_floor) if confirm else None
        await StoreTrial(redis, settings.provider, replicas).require(MAX_BODY_BYTES)
    return confirm


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _retention(settings: PollerSettings, store: Store, clock: StoreClock) -> Retention | None:
    if settings.retention is None:
        return None
    directory = settings.retention_export_dir
    exporter = None if directory is None else Exporter(directory, store)
    return Retention(store, settings.provider, settings.retention, clock, exporter)


def start() -> None:
    """Read the settings and run the poller until it is stopped."""
    settings = PollerSettings.from_environment()
    check_network_settings(os.environ)
    logs.configure(settings.log_format)
    finish_traces = tracing.start("backburner-poller", settings.otlp_endpoint)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main(settings))
    finally:
        finish_traces()
