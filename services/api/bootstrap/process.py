"""The API as a process: its parts, connected, and how it ends."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import structlog
import uvicorn
import uvloop
from redis.asyncio import Redis

from services.api.auth.token_file import TokensUnreadable
from services.api.auth.token_registry import Register
from services.api.bootstrap.app import create_app
from services.api.bootstrap.data_dir import own_folder
from services.api.bootstrap.http_protocol import LimitedHttpProtocol
from services.api.bootstrap.socket import OTHERS, listen, make_room
from services.api.dependencies import Context
from services.api.events.broadcaster import Hub
from services.api.events.cursors import Plain, Sealed
from services.api.health.monitor import Vigil
from services.api.http.limits import MAX_HEADERS_BYTES
from services.api.rendering.ahead import Ahead
from services.api.rendering.renderer import Renderer
from services.api.rendering.renderings import Renderings
from services.api.search.indexer import Follower
from services.api.search.service import Search
from services.api.settings import ApiSettings
from services.api.spending.budget_sync import Budgets
from shared.domain.errors import InvalidSetting
from shared.runtime import logs, tracing
from shared.runtime.ids import new_task_id, new_token
from shared.store import Events, IdentityReader, PollerRegistry, Store, SubmissionGate, clock
from shared.store.connection import connection_pool
from shared.store.cursor_key import cursor_key
from shared.store.migrations import migrate
from shared.store.requirements import require_safe

GRACE = 5
"""Seconds that requests under way have to end when the process is told to stop."""

log = structlog.get_logger("services.api")


class Server(uvicorn.Server):
    """Uvicorn that ends in order on a signal; its own way is to let the signal kill it after."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to ``main``."""
        yield


async def main(settings: ApiSettings, register: Register, folder: Path) -> None:
    """Connect, serve, and close in order; what is derived from the store goes into ``folder``."""
    pool = connection_pool(settings.redis_url.get_secret_value(), retries=1, timeout=3)
    redis = Redis(connection_pool=pool)
    confirm = await require_safe(redis, unsafe_accepted=settings.allow_unsafe_store)
    await migrate(redis)
    store = Store(redis, settings.provider, confirm=confirm, min_replicas=settings.replica_floor)
    now = partial(clock.now, redis)
    numbers = Plain() if register.path is None else Sealed(await cursor_key(redis))
    hub = Hub(Events(redis), store, now, limit=settings.max_event_subscribers, numbers=numbers)
    renderings = Renderings(folder / "renderings.sqlite")
    renderer = Renderer(renderings)
    ahead = Ahead(store, renderer, renderings)
    follower = Follower(folder / "search.sqlite", store, IdentityReader(redis, new_token), ahead)
    context = Context(
        settings,
        store,
        SubmissionGate(redis, settings.provider),
        PollerRegistry(redis, settings.provider),
        renderer,
        new_task_id,
        hub,
        Search(folder / "search.sqlite", store, follower),
        register=register,
    )
    budgets = Budgets(store.ledger, register, settings.daily_budget)
    make_room(settings.max_event_subscribers)
    listener = listen(settings.host, settings.port)
    server = Server(
        uvicorn.Config(
            create_app(context),
            access_log=False,
            log_config=None,
            http=LimitedHttpProtocol,
            h11_max_incomplete_event_size=MAX_HEADERS_BYTES,
            ws="none",
            proxy_headers=False,
            limit_concurrency=settings.max_event_subscribers + OTHERS // 2,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE,
        )
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _stop, server, hub)
    host, port = listener.getsockname()[:2]
    log.info("api started", address=f"http://{host}:{port}", provider=settings.provider)
    try:
        async with hub, ahead, follower, register, budgets, Vigil(context):
            await server.serve(sockets=[listener])
    finally:
        await renderer.aclose()
        await renderings.aclose()
        await redis.aclose()
        await pool.aclose()
    log.info("api stopped")


def _stop(server: Server, hub: Hub) -> None:
    """Take no more requests, and end those that wait for news: they would last for ever."""
    server.should_exit = True
    hub.close()


def _register(path: Path | None) -> Register:
    try:
        return Register(path)
    except TokensUnreadable as error:
        raise InvalidSetting(f"BACKBURNER_TOKENS_FILE: {error}.") from None


def start() -> None:
    """Read the settings and serve until told to stop."""
    settings = ApiSettings.from_environment()
    settings.require_protection()
    logs.configure(settings.log_format)
    register = _register(settings.tokens_file)
    finish_traces = tracing.start("backburner-api", settings.otlp_endpoint)
    try:
        with (
            own_folder(settings.data_dir) as folder,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(main(settings, register, folder))
    finally:
        finish_traces()
