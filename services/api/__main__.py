"""Starts the API from the environment: ``python -m services.api``."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from redis.asyncio import Redis

from services.api.app import create_app
from services.api.context import Context
from services.api.rendering.renderer import Renderer
from services.api.settings import ApiSettings
from shared import logs
from shared.errors import SettingUnusable
from shared.ids import new_task_id
from shared.startup import exit_code
from shared.store import Fleet, Gate, Store
from shared.store.connection import connection_pool
from shared.store.safety import require_safe

GRACE = 5
"""Seconds that requests under way have to end when the process is told to stop."""

log = structlog.get_logger("services.api")


class Server(uvicorn.Server):
    """Uvicorn that ends in order on a signal; its own way is to let the signal kill it after."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to ``main``."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingUnusable in words that say what to change."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingUnusable(
            f"{host}:{port} cannot be listened on ({error.strerror});"
            " choose another with BACKBURNER_HOST and BACKBURNER_PORT."
        ) from None


async def main(settings: ApiSettings) -> None:
    """Connect, serve, and close in order."""
    pool = connection_pool(settings.redis_url.get_secret_value(), retries=1, timeout=3)
    redis = Redis(connection_pool=pool)
    confirm = await require_safe(redis, unsafe_accepted=settings.unsafe_store)
    context = Context(
        settings,
        Store(redis, settings.provider, confirm=confirm, min_replicas=settings.replica_floor),
        Gate(redis, settings.provider),
        Fleet(redis, settings.provider),
        Renderer(),
        new_task_id,
    )
    listener = listen(settings.host, settings.port)
    server = Server(
        uvicorn.Config(
            create_app(context),
            access_log=False,
            log_config=None,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE,
        )
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _stop, server)
    host, port = listener.getsockname()[:2]
    log.info("api started", address=f"http://{host}:{port}", provider=settings.provider)
    try:
        await server.serve(sockets=[listener])
    finally:
        await context.renderer.aclose()
        await redis.aclose()
        await pool.aclose()
    log.info("api stopped")


def _stop(server: Server) -> None:
    server.should_exit = True


def start() -> None:
    """Read the settings and serve until told to stop."""
    settings = ApiSettings.from_environment()
    logs.configure("services.api", settings.log_format)
    asyncio.run(main(settings))


if __name__ == "__main__":
    sys.exit(exit_code("The API", start))
