"""Runs the API: connects its parts, serves, and shuts down in order."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
import uvicorn
import uvloop
from redis.asyncio import Redis

from services.api.auth.token_file import InvalidTokenFile
from services.api.auth.token_registry import TokenRegistry
from services.api.bootstrap.app import create_app
from services.api.bootstrap.data_dir import locked_data_dir
from services.api.bootstrap.http_protocol import LimitedHttpProtocol
from services.api.bootstrap.socket import RESERVED_FDS, create_listener, raise_fd_limit
from services.api.dependencies import AppContext
from services.api.events.broadcaster import EventBroadcaster
from services.api.events.cursors import EncryptedCursors, PlainCursors
from services.api.health.monitor import HealthMonitor
from services.api.http.limits import MAX_BODY_BYTES, MAX_HEADERS_BYTES
from services.api.rendering.renderer import Renderer
from services.api.search.indexer import Indexer
from services.api.search.service import Search
from services.api.settings import ApiSettings
from services.api.spending.budget_sync import BudgetSync
from shared.domain.errors import InvalidSetting
from shared.runtime import logs, tracing
from shared.runtime.ids import new_task_id, new_token
from shared.store import (
    Events,
    IdentityReader,
    NotificationState,
    PollerRegistry,
    Presets,
    Store,
    SubmissionGate,
    WebhookEndpoints,
    WebhookSecrets,
    clock,
)
from shared.store.connection import connection_pool
from shared.store.cursor_key import cursor_key
from shared.store.migrations import migrate
from shared.store.replicas import Replicas
from shared.store.requirements import require_safe
from shared.store.trial import StoreTrial
from shared.version import VERSION

SWITCH_INTERVAL_S = 0.001
"""How long a thread may keep the event loop from the GIL while it parses a large text."""

SHUTDOWN_GRACE_S = 5
"""Time that requests in progress have to complete at shutdown."""

if TYPE_CHECKING:
    from services.api.routes.mcp import McpEndpoint

log = structlog.get_logger("services.api")


class Server(uvicorn.Server):
    """Uvicorn without its signal handling, which would kill the process after serving."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to ``main``."""
        yield


async def main(settings: ApiSettings, token_registry: TokenRegistry, folder: Path) -> None:
    """Connect, serve until a signal arrives, and close. ``folder`` holds the derived data."""
    pool = connection_pool(settings.redis_url.get_secret_value(), retries=1, timeout=3)
    redis = Redis(connection_pool=pool)
    confirm = await require_safe(redis, unsafe_accepted=settings.allow_unsafe_store)
    replicas = Replicas(settings.replica_floor) if confirm else None
    trial = StoreTrial(redis, settings.provider, replicas)
    await trial.require(MAX_BODY_BYTES)
    await migrate(redis)
    store = Store(redis, settings.provider, confirm=confirm, min_replicas=settings.replica_floor)
    now = partial(clock.now, redis)
    cursors = EncryptedCursors(await cursor_key(redis)) if token_registry.path else PlainCursors()
    subscribers = settings.max_event_subscribers
    broadcaster = EventBroadcaster(Events(redis), store, now, limit=subscribers, cursors=cursors)
    renderer = Renderer()
    origin = IdentityReader(redis, new_token)
    indexer = Indexer(folder / "search.sqlite", store, origin, renderer.forget)
    context = AppContext(
        settings,
        store,
        SubmissionGate(redis, settings.provider),
        PollerRegistry(redis, settings.provider),
        renderer,
        new_task_id,
        broadcaster,
        Search(folder / "search.sqlite", store, indexer),
        presets=Presets(redis),
        webhook_endpoints=WebhookEndpoints(redis, WebhookSecrets(redis, settings.webhook_keys)),
        notifications=NotificationState(redis, settings.provider),
        token_registry=token_registry,
        trial=trial,
    )
    budget_sync = BudgetSync(store.ledger, token_registry, settings.daily_budget)
    raise_fd_limit(settings.max_event_subscribers)
    mcp = _mcp_endpoint() if settings.mcp else None
    listener = create_listener(settings.host, settings.port)
    server = Server(
        uvicorn.Config(
            create_app(context, mcp),
            access_log=False,
            log_config=None,
            http=LimitedHttpProtocol,
            h11_max_incomplete_event_size=MAX_HEADERS_BYTES,
            ws="none",
            proxy_headers=False,
            limit_concurrency=settings.max_event_subscribers + RESERVED_FDS // 2,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=SHUTDOWN_GRACE_S,
        )
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _stop, server, broadcaster)
    host, port = listener.getsockname()[:2]
    log.info(
        "api_started",
        address=f"http://{host}:{port}",
        provider=settings.provider,
        version=VERSION,
    )
    try:
        agents = mcp.run() if mcp else nullcontext()
        async with (
            broadcaster,
            indexer,
            token_registry,
            budget_sync,
            HealthMonitor(context),
            agents,
        ):
            await server.serve(sockets=[listener])
    finally:
        await renderer.aclose()
        await redis.aclose()
        await pool.aclose()
    log.info("api_stopped")


def _stop(server: Server, broadcaster: EventBroadcaster) -> None:
    """Accept no more requests, and end event streams, which would last for ever."""
    server.should_exit = True
    broadcaster.close()


def _mcp_endpoint() -> "McpEndpoint":
    try:
        from services.api.routes.mcp import McpEndpoint  # noqa: PLC0415 -- an extra, slow to load
    except ModuleNotFoundError as error:
        raise InvalidSetting(
            f"BACKBURNER_MCP=true needs the package {error.name}: install requirements-mcp.lock,"
            " and have clients/ in PYTHONPATH."
        ) from None
    return McpEndpoint()


def _register(path: Path | None) -> TokenRegistry:
    try:
        return TokenRegistry(path)
    except InvalidTokenFile as error:
        raise InvalidSetting(f"BACKBURNER_TOKENS_FILE: {error}.") from None


def start() -> None:
    """Read the settings and serve until SIGTERM or SIGINT."""
    settings = ApiSettings.from_environment()
    settings.require_protection()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    logs.configure(settings.log_format)
    token_registry = _register(settings.tokens_file)
    finish_traces = tracing.start("backburner-api", settings.otlp_endpoint)
    try:
        with (
            locked_data_dir(settings.data_dir) as folder,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            for obsolete in folder.glob("renderings.sqlite*"):  # older versions kept HTML on disk
                obsolete.unlink()
            runner.run(main(settings, token_registry, folder))
    finally:
        finish_traces()
